// What the system's error numbers mean to a user: the one table.
import {
  HawserError,
  isHawserError,
  type ErrorCode,
  type ErrorDetails,
  type Retry,
} from '../../core/errors.ts'

interface Meaning {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly retry?: Retry
}

const denied: Meaning = {
  code: 'local-io',
  message: 'permission denied',
  hint: 'Check who owns it and its permissions.',
}
const full: Meaning = { code: 'no-space', message: 'no space left', hint: 'Free some space.' }
const tooManyFiles: Meaning = {
  code: 'local-io',
  message: 'too many open files',
  hint: 'Use fewer jobs, or raise the limit (ulimit -n).',
  retry: 'later',
}
const notPossibleHere: Meaning = {
  code: 'unsupported',
  message: 'this file system cannot do that',
}

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'not-found', message: 'no such file' },
  EEXIST: { code: 'already-exists', message: 'it exists already' },
  ENOTDIR: { code: 'conflict', message: 'a file is where a directory is needed' },
  EISDIR: { code: 'conflict', message: 'a directory is where a file is needed' },
  ENOTEMPTY: { code: 'conflict', message: 'the directory is not empty' },
  ELOOP: { code: 'conflict', message: 'a symbolic link is where a file or directory is needed' },
  EXDEV: {
    code: 'unsupported',
    message: 'the two names are on different file systems',
    hint: 'Something is mounted below the directory; copy the file instead.',
  },
  ENAMETOOLONG: { code: 'invalid-argument', message: 'the name is too long for a path here' },
  EILSEQ: { code: 'invalid-argument', message: 'the name is not possible on this file system' },
  EACCES: denied,
  EPERM: denied,
  EROFS: { code: 'local-io', message: 'the file system is read-only' },
  ENOSPC: full,
  EDQUOT: { ...full, message: 'the disk quota is used up' },
  EFBIG: { code: 'local-io', message: 'the file is too large for this file system' },
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  EBUSY: { code: 'local-io', message: 'it is in use', retry: 'later' },
  ETXTBSY: { code: 'local-io', message: 'it is a program that is running', retry: 'later' },
  ESTALE: { code: 'local-io', message: 'the network file system lost it', retry: 'later' },
  EIO: { code: 'local-io', message: 'the disk reports an error' },
  ENOTSUP: notPossibleHere,
  EOPNOTSUPP: notPossibleHere,
  ENOSYS: notPossibleHere,
}

/** The system's name of the error (`ENOENT`), where it is one of the system's. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The system's error as one of ours; any other error is what it was. */
export function localError(error: unknown, details: ErrorDetails): unknown {
  const errno = isHawserError(error) ? undefined : errnoOf(error)
  if (errno === undefined) return error
  const meaning = meanings[errno] ?? { code: 'local-io', message: `the system says ${errno}` }
  const { code, message, hint, retry } = meaning
  return new HawserError(code, message, {
    ...details,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(retry === undefined ? {} : { retry }),
  })
}
