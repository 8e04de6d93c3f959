// Errors in the user's words: what failed, on which address, why, and what to do.
import { inspect } from 'node:util'
import { exitCodes } from '../../core/exit-codes.ts'
import { type HawserError, isHawserError } from '../../core/errors.ts'
import { escapeControls } from './text.ts'

const verbs: Readonly<Record<string, string>> = {
  list: 'list',
  stat: 'look up',
  read: 'read',
  readInto: 'read',
  write: 'write',
  begin: 'write',
  part: 'write',
  readPart: 'read',
  parts: 'resume',
  complete: 'write',
  copy: 'copy',
  copyPart: 'copy',
  move: 'move',
  remove: 'remove',
  setAttributes: 'set the attributes of',
  rename: 'rename',
  uploads: 'list unfinished uploads of',
  abort: 'clean up',
  listBuckets: 'list the buckets of',
  createBucket: 'create',
  removeBucket: 'remove',
  archiveState: 'look up',
  thaw: 'thaw',
  serve: 'serve',
}

/** One line, a hint below it where there is one, and from `-v` on what the service said about the request. */
export function describeError(error: HawserError, verbosity = 0): string {
  const lines = [`${subject(error)}${error.message}`]
  if (error.hint) lines.push(`  ${error.hint}`)
  const request = [
    error.status === undefined ? '' : `status ${error.status}`,
    error.requestId === undefined ? '' : `request ${error.requestId}`,
    `code ${error.code}`,
  ]
  if (verbosity >= 1) lines.push(`  (${request.filter(Boolean).join(', ')})`)
  const text = lines.map(escapeControls)
  // The inspector escapes nothing that a cause brings along, but its line breaks are wanted.
  if (verbosity >= 2) text.push(...inspect(error).split('\n').map(escapeControls))
  return text.join('\n')
}

function subject(error: HawserError): string {
  if (error.address === undefined) return ''
  const verb = verbs[error.op]
  return verb === undefined ? `${error.address}: ` : `cannot ${verb} ${error.address}: `
}

/** What to print for anything thrown; what is no HawserError is a bug here. */
export function describeFailure(error: unknown, verbosity: number): string {
  if (isHawserError(error)) {
    const bug = error.code === 'internal' ? bugHint(verbosity) : ''
    return `hawser: ${describeError(error, verbosity)}${bug}`
  }
  const message = error instanceof Error ? error.message : String(error)
  const stack =
    verbosity >= 2 ? `\n${inspect(error).split('\n').map(escapeControls).join('\n')}` : ''
  return `hawser: internal error: ${escapeControls(message)}${stack}${bugHint(verbosity)}`
}

function bugHint(verbosity: number): string {
  return verbosity >= 2
    ? '\n  This is a bug in hawser: please report it with the lines above.'
    : '\n  This is a bug in hawser: please report it with what -vv says.'
}

/** The exit code of a command that ended by throwing: never 0. */
export function exitCodeOfThrown(error: unknown): number {
  return isHawserError(error) ? exitCodes[error.code] || 1 : exitCodes.internal
}
