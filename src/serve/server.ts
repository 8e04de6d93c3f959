// A store as an S3 endpoint: opens what it needs, listens, and closes everything again.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HawserError } from '../core/errors.ts'
import { Opened } from '../core/opened.ts'
import type { Location } from '../core/location.ts'
import type { Store } from '../core/store.ts'
import { makeDirectories } from '../state/directory.ts'
import { accountsOf } from './auth/accounts.ts'
import { listen } from './http/listen.ts'
import { ownedBy } from './http/owners.ts'
import { checkOptions, type ServeCredentials, type ServeOptions } from './options.ts'
import { openVault } from './vault/vault.ts'

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:9000` */
  readonly url: string
  readonly port: number
  /** What requests are signed for. */
  readonly region: string
  /** Those in use; none where there are none and everybody may read. */
  readonly credentials: readonly ServeCredentials[]
  /** Takes no more requests, lets those under way end for a while, stops the rest, and frees everything. */
  close(): Promise<void>
}

/**
 * Serves a store as S3: the first part of each key is the bucket. The store stays the caller's.
 * @throws HawserError invalid-argument and invalid-config for options; conflict where another server has the ledger;
 *   local-io where it cannot listen
 */
export async function serveS3(store: Store, options: ServeOptions = {}): Promise<S3Server> {
  const checked = checkOptions(options, store.location)
  const { credentials } = checked
  await makeRoot(store.location)
  await using opened = new Opened()
  const ledger = checked.ledger ?? opened.use(await temporaryDirectory()).path
  const [first, ...others] = credentials.map(({ accessKeyId }) => accessKeyId)
  const owners = [first ?? 'anonymous', ...others] as const
  const vault = opened.use(await openVault(store, { ledger, owner: owners[0], now: checked.now }))
  const listening = opened.use(
    await listen({
      ...checked,
      rules: {
        anonymousRead: checked.anonymousRead,
        readOnly: checked.readOnly,
        shared: credentials.length > 1,
      },
      service: {
        vault: { ...vault, buckets: ownedBy(owners, vault.buckets) },
        region: checked.region,
        readOnly: checked.readOnly,
        restoreDelay: checked.restoreDelay,
        now: checked.now,
        accounts: accountsOf(credentials),
        scheme: checked.tls ? 'https' : 'http',
        fieldsTimeout: checked.limits.headersTimeout,
      },
    }),
  )
  const all = opened.move()
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= all[Symbol.asyncDispose]())
  return {
    url: listening.url,
    port: listening.port,
    region: checked.region,
    credentials,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A directory is made before what the server keeps in it: that is for this user alone, and the objects are not. */
async function makeRoot(location: Location): Promise<void> {
  if (location.scheme !== 'file') return
  try {
    makeDirectories(location.root)
    if ((await stat(location.root)).isDirectory()) return
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const reason = `it cannot be made: ${String(code)}`
    throw new HawserError('local-io', reason, { op: 'serve', location, cause })
  }
  throw new HawserError('local-io', 'this is a file, not a directory', { op: 'serve', location })
}

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  try {
    const path = await mkdtemp(join(tmpdir(), 'hawser-serve-ledger-'))
    return {
      path,
      [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
    }
  } catch (cause) {
    throw new HawserError('local-io', 'no temporary directory can be made', { op: 'serve', cause })
  }
}
