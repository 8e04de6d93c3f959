// From an address to a store with its layers: the one place that knows all stores. Each one's code is loaded when an
// address asks for it.
import { lstatSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path'
import { type Address, parseAddress } from './address.ts'
import type { Environment } from './config/environment.ts'
import { HawserError } from './core/errors.ts'
import { emptyKey, joinKey, type Key, toKey } from './core/key.ts'
import type { Meter } from './core/meter.ts'
import type { Place } from './core/place.ts'
import type { Secret } from './core/secret.ts'
import type { Store } from './core/store.ts'
import type { Timetable } from './core/timetable.ts'
import type { ServiceConcurrency } from './layers/adapt.ts'
import type { Bandwidth } from './layers/limit.ts'
import { defaultReserved, reserved } from './layers/reserved.ts'
import type { RetryBudget } from './layers/retry.ts'
import type { CallRecord } from './layers/trace.ts'
import type { CredentialProvider } from './stores/s3/credentials.ts'

export type { CredentialProvider, Credentials } from './stores/s3/credentials.ts'

export interface OpenOptions {
  /** The service's origin; undefined: of the environment or the profile, else AWS's for the region. */
  readonly endpoint?: string | undefined
  readonly region?: string | undefined
  /** Of `~/.aws/config` and `~/.aws/credentials`. Read only where it or `environment` is given. */
  readonly profile?: string | undefined
  /** Sign nothing. */
  readonly anonymous?: boolean | undefined
  /** What the standard variables of the cloud's own tools are read from: `process.env`, or none. */
  readonly environment?: Environment | undefined
  /** Instead of every other source. */
  readonly credentials?: CredentialProvider | undefined
  /**
   * 32 bytes in base64, which a service encrypts objects with and does not keep (SSE-C): all that is written, and all
   * that is read.
   */
  readonly customerKey?: Secret | undefined
  /** How often a request that failed is sent again; 5. */
  readonly retries?: number | undefined
  /** Shared by the stores of one run. */
  readonly retryBudget?: RetryBudget | undefined
  readonly onRetry?: ((error: HawserError, attempt: number, delay: number) => void) | undefined
  /** Milliseconds without a byte in either direction; 60,000. */
  readonly timeout?: number | undefined
  /** The most connections to one service; 64. While it asks for fewer requests, fewer are used. */
  readonly connections?: number | undefined
  /** Shared by the stores of one run. */
  readonly concurrency?: ServiceConcurrency | undefined
  /** Told how many requests at once are left, when a service has asked for fewer; every ten seconds at most. */
  readonly onSlower?: ((requests: number) => void) | undefined
  /** The most bytes for each second, at any time or by a timetable, or a bandwidth that stores share. */
  readonly bwlimit?: number | Timetable | Bandwidth | undefined
  /** Counts beside the meters of single calls. */
  readonly meter?: Meter | undefined
  /** Told of each call to the store. */
  readonly onCall?: ((call: CallRecord) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Open a local directory as a name in the directory that holds it, so that it can be removed itself. */
  readonly asEntry?: boolean | undefined
  /** Symbolic links of a local directory are what they point to; it is only read from then. */
  readonly followLinks?: boolean | undefined
  /**
   * Open a local path as a name below the root of the file system, so that all local paths share one store, and can be
   * renamed to each other. Directories that become empty stay.
   */
  readonly fromRoot?: boolean | undefined
  /**
   * Of object stores: below this prefix lies what is kept beside the objects, such as their signatures, and no listing
   * shows it; `.hawser/`. With false there is none. Of a local directory it is always `.hawser/` in it.
   */
  readonly reserved?: string | false | undefined
}

export interface OpenPlace extends Place, AsyncDisposable {}

/**
 * Opens what an address means. A local directory becomes a store with an empty prefix; any other local path the store
 * of its directory, with the last name as the prefix. Nothing is sent yet.
 * @throws HawserError invalid-argument or unsupported for the address, unauthenticated where no credentials are found
 */
export async function open(address: string, options: OpenOptions = {}): Promise<OpenPlace> {
  const parsed = parseAddress(address)
  const { store, prefix } = await placeOf(parsed, options)
  const layered = withReserved(await withLayers(store, parsed, options), prefix, options)
  return { store: layered, prefix, [Symbol.asyncDispose]: () => layered[Symbol.asyncDispose]() }
}

function withReserved(store: Store, prefix: Key, options: OpenOptions): Store {
  const kept = store.traits.hierarchical ? reservedIn(prefix) : reservedPrefix(options)
  return kept === undefined ? store : reserved(store, kept)
}

/** Of a directory; a file has none. */
function reservedIn(directory: Key): Key | undefined {
  const isTree = directory === '' || directory.endsWith('/')
  return isTree ? joinKey(directory, defaultReserved) : undefined
}

/** @throws HawserError invalid-argument for one that all keys begin with */
function reservedPrefix({ reserved: given = defaultReserved }: OpenOptions): Key | undefined {
  if (given === false) return undefined
  if (given !== '' && !given.startsWith('/'))
    return toKey(given.endsWith('/') ? given : `${given}/`)
  throw new HawserError('invalid-argument', `not a prefix to reserve: ${JSON.stringify(given)}`, {
    op: 'open',
    hint: 'Give the beginning of keys, such as .hawser/',
  })
}

async function placeOf(address: Address, options: OpenOptions): Promise<Place> {
  if (address.scheme === 'file') {
    const place = await openLocal(address.path, options.asEntry ?? false)
    if (options.followLinks) return withLinksFollowed(place)
    return options.fromRoot ? belowRoot(place) : place
  }
  if (address.scheme === 's3') {
    const { openS3 } = await import('./open-s3.ts')
    return { store: await openS3(address.bucket, options), prefix: address.key }
  }
  throw new HawserError('invalid-argument', '"-" is no place for this', {
    op: 'address',
    hint: 'Standard input and output are for cp.',
  })
}

async function openLocal(path: string, asEntry: boolean): Promise<Place> {
  const { localStore } = await import('./stores/local/store.ts')
  const absolute = resolve(path)
  const name = basename(absolute)
  // `.` and `..` have no name that they could be removed by.
  const nameless = name === '' || /(?:^|[/\\])\.{1,2}$/.test(path)
  const directory = nameless || /[/\\]$/.test(path) || isDirectory(absolute, asEntry)
  if (directory && (nameless || !asEntry))
    return { store: localStore(canonical(absolute)), prefix: emptyKey }
  const prefix = toKey(directory ? `${name}/` : name)
  return { store: localStore(canonical(dirname(absolute))), prefix }
}

async function withLinksFollowed({ store, prefix }: Place): Promise<Place> {
  const { followed } = await import('./stores/local/followed.ts')
  const { localStore } = await import('./stores/local/store.ts')
  return { store: followed(store, localStore(parse(store.location.root).root)), prefix }
}

/** The same place in the store of the whole file system. */
async function belowRoot({ store, prefix }: Place): Promise<Place> {
  const { localStore } = await import('./stores/local/store.ts')
  const path = store.location.root
  const { root } = parse(path)
  const names = relative(root, path).split(sep).filter(Boolean)
  const above = names.map((name) => `${name}/`).join('')
  return { store: localStore(root, { keepDirectories: true }), prefix: toKey(above + prefix) }
}

/**
 * The directory's path without links, so that it has one name however it is reached: what keeps a tree from being copied
 * into itself, and two runs from one destination, goes by names. What is not there yet keeps its name.
 */
function canonical(path: string): string {
  try {
    const real = realpathSync.native(path)
    // A name on the way that is not UTF-8 would be misspelt.
    return real.includes('\ufffd') ? path : real
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(canonical(parent), basename(path))
  }
}

/** A link to a directory is one to what looks into it, and is not to what changes the name itself. */
function isDirectory(path: string, asEntry: boolean): boolean {
  const look = asEntry ? lstatSync : statSync
  try {
    return look(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  } catch {
    // What cannot be looked at is reported by the call that needs it.
    return false
  }
}

const defaultConnections = 64

/** The concurrency of the options, to be shared. */
export async function sharedConcurrency(options: OpenOptions): Promise<ServiceConcurrency> {
  const { connections = defaultConnections, onSlower, concurrency } = options
  if (concurrency) return concurrency
  const adapting = await import('./layers/adapt.ts')
  return new adapting.ServiceConcurrency({ most: connections, onSlower })
}

/** The bandwidth of the options, to be shared. */
export async function sharedBandwidth({ bwlimit }: OpenOptions): Promise<Bandwidth | undefined> {
  if (bwlimit === undefined) return undefined
  const { Bandwidth } = await import('./layers/limit.ts')
  return bwlimit instanceof Bandwidth ? bwlimit : new Bandwidth(bwlimit)
}

/** Retries are outermost: each try waits for its turn, passes the bandwidth, and is traced, by itself. */
async function withLayers(store: Store, address: Address, options: OpenOptions): Promise<Store> {
  const { onCall, meter, retries, retryBudget, onRetry } = options
  let layered = store
  if (onCall || meter) {
    const { trace } = await import('./layers/trace.ts')
    layered = trace(layered, { onCall: onCall ?? (() => {}), meter })
  }
  // A file system has neither a bandwidth to spare nor failures that pass.
  if (address.scheme === 'file') return layered
  const bandwidth = await sharedBandwidth(options)
  if (bandwidth) {
    const { limit } = await import('./layers/limit.ts')
    layered = limit(layered, { bandwidth })
  }
  const { adapt } = await import('./layers/adapt.ts')
  const concurrency = await sharedConcurrency(options)
  layered = adapt(layered, concurrency.of(layered.location))
  const { retry } = await import('./layers/retry.ts')
  return retry(layered, { retries, budget: retryBudget, onRetry })
}
