// `serve s3`: shows a directory, or any other store, to S3 clients.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultStateDirectory } from '../../config/environment.ts'
import { flag, type OptionValues, text, value } from '../../config/option.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { emptyKey } from '../../core/key.ts'
import type { HawserEvent } from '../../core/events.ts'
import { addressOfPlace, type Place, placeId } from '../../core/place.ts'
import { Secret } from '../../core/secret.ts'
import type { Store } from '../../core/store.ts'
import { below } from '../../layers/below.ts'
import type { ServeOptions } from '../../serve/options.ts'
import { serveS3, type S3Server } from '../../serve/server.ts'
import { type Command, type Context, defineCommand, usageError } from '../command.ts'

const options = {
  listen: value(
    '--listen <address>',
    'where to listen (127.0.0.1:9000); port 0 takes any free one',
    { host: '127.0.0.1', port: 9000 },
    'HOST:PORT, :PORT or PORT, such as 127.0.0.1:9000',
    parseListen,
  ),
  accessKey: text('--access-key <id>', 'the access key that clients sign with'),
  secretKey: text(
    '--secret-key <secret>',
    'its secret; better in HAWSER_SECRET_KEY, where others do not see it',
  ),
  anonymous: value<'read' | undefined>(
    '--anonymous <what>',
    'what needs no signature: read',
    undefined,
    'read',
    (given) => (given === 'read' ? given : undefined),
  ),
  readOnly: flag('--read-only', 'refuse every change'),
  tlsCert: text('--tls-cert <file>', 'serve over TLS, with this certificate (PEM)'),
  tlsKey: text('--tls-key <file>', "the certificate's private key (PEM)"),
  ledger: text(
    '--ledger <dir>',
    'where to keep what the store cannot hold (DIR/.hawser/s3; of other stores below --state-dir)',
  ),
  domain: value<readonly string[]>(
    '--domain <names>',
    'also take addresses like http://BUCKET.NAME; several with commas between them',
    [],
    'names of hosts',
    (given) => given.split(',').map((name) => name.trim()),
  ),
}
type Options = OptionValues<typeof options>

export const serve: Command = defineCommand({
  arguments: { usage: 's3 [DIR|URL]', min: 1, max: 2 },
  options,
  details:
    'The first part of each path below DIR (the working directory) is the bucket, the rest the key: objects are plain files. What a file cannot hold is kept in DIR/.hawser/s3. DIR is made where it is missing. Without an access key one is made for this run, and shown. Ctrl-C ends the server.',
  examples: [
    ['serve s3 ./data', 'to programs on this machine, at http://127.0.0.1:9000'],
    ['serve s3 ./public --listen 0.0.0.0:80 --anonymous read', 'for everybody to read'],
    ['serve s3 s3://bucket/shared/', 'what lies in another store'],
  ],
  async run([protocol = '', target = '.'], given, context) {
    if (protocol !== 's3')
      throw usageError(`serve knows the protocol s3, not ${JSON.stringify(protocol)}`)
    const place = await context.open(target.endsWith('/') ? target : `${target}/`)
    const store = below(place)
    const { scheme, root } = store.location
    const isNew = scheme === 'file' && !existsSync(root)
    if (scheme !== 'file') await checkReach(store, context.signal)
    const server = await serveS3(store, await serveOptions(given, place, context))
    return {
      kind: 'server',
      url: server.url,
      region: server.region,
      address: addressOfPlace(place),
      isNew,
      credentials: given.accessKey === undefined ? server.credentials[0] : undefined,
      anonymous: given.anonymous !== undefined,
      readOnly: given.readOnly,
      closed: untilInterrupted(server, context.signal),
    }
  },
})

async function serveOptions(given: Options, place: Place, context: Context): Promise<ServeOptions> {
  const { listen, anonymous, readOnly, domain } = given
  return {
    ...listen,
    anonymous,
    readOnly,
    domains: domain,
    region: context.options.region,
    credentials: credentialsOf(given),
    tls: await tlsOf(given),
    ledger: given.ledger ?? defaultLedger(place, context),
    onRequest: ({ error, ...record }) =>
      context.onEvent({ type: 'request', ...record, code: error }),
    onFailure: (cause, id) => context.onEvent(failureOf(cause, id)),
  }
}

/** What a client is told as no more than an error of the server's, with the name of its request. */
function failureOf(cause: unknown, id: string): HawserEvent & { type: 'warn' } {
  const [address, reason] = isHawserError(cause)
    ? [cause.address, cause.message]
    : [undefined, cause instanceof Error ? String(cause) : 'unknown']
  return { type: 'warn', address, message: `${reason} (request ${id})` }
}

/** Says at once what every request would run into. */
async function checkReach(store: Store, signal: AbortSignal): Promise<void> {
  if (store.location.root === '')
    throw usageError('serve needs a bucket', 'Write s3://BUCKET/ or s3://BUCKET/PREFIX/.')
  const entries = store.list(emptyKey, { shallow: true, signal })[Symbol.asyncIterator]()
  await entries.next()
  await entries.return?.()
}

/** `127.0.0.1:9000`, `[::1]:9000`, `:9000` (this machine) or `9000`. */
export function parseListen(given: string): { host: string; port: number } | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[\w.-]*):)?(\d{1,5})$/.exec(given)
  const port = Number(match?.[2])
  if (!match || port > 65_535) return undefined
  return { host: match[1]?.replaceAll(/[[\]]/g, '') || '127.0.0.1', port }
}

function credentialsOf({ accessKey, secretKey }: Options): ServeOptions['credentials'] {
  if (accessKey === undefined && secretKey === undefined) return undefined
  if (accessKey === undefined || secretKey === undefined)
    throw usageError('--access-key and --secret-key belong together')
  return [{ accessKeyId: accessKey, secretAccessKey: new Secret(secretKey) }]
}

async function tlsOf({ tlsCert, tlsKey }: Options): Promise<ServeOptions['tls']> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined)
    throw usageError('--tls-cert and --tls-key belong together')
  return { cert: await readPem(tlsCert), key: await readPem(tlsKey) }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HawserError('invalid-config', `${path} cannot be read: ${reason}`, {
      op: 'serve',
      cause,
    })
  }
}

/** Beside the objects of a directory; of any other store on this machine, with what runs know. */
function defaultLedger(place: Place, context: Context): string | undefined {
  if (place.store.location.scheme === 'file') return undefined
  const name = createHash('sha256').update(placeId(place)).digest('hex').slice(0, 16)
  const { stateDir } = context.options
  return join(stateDir ?? defaultStateDirectory(context.environment), 'serve', name)
}

/** A server's end is not a failure: whoever wants it presses Ctrl-C. */
async function untilInterrupted(server: S3Server, signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
    })
  await server.close()
}
