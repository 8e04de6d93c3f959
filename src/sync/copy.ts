// Copies objects and trees to a place, whatever is there. Relative paths are kept: nothing is flattened.
import { HawserError, isHawserError } from '../core/errors.ts'
import { joinKey, toKey } from '../core/key.ts'
import { addressOfPlace, asTree, type Place } from '../core/place.ts'
import type { Entry, ObjectInfo } from '../core/store.ts'
import { copyStream } from '../transfer/stream.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { copyTo } from './execute.ts'
import type { TransferOptions } from './options.ts'
import { RunReport, type RunResult } from './report.ts'
import { openSession } from './session.ts'
import { copyTree } from './sync.ts'

export interface CopyOptions extends TransferOptions {
  /** Take all that lies below a source. */
  readonly recursive?: boolean | undefined
}

/**
 * Copies each source. One object goes to the key of `to`, or below it where that is a directory or ends in `/`. What
 * lies below one source goes below `to`; of several sources each keeps its own name.
 * @throws HawserError not-found for a missing source, invalid-argument for a tree without `recursive`
 */
export async function copy(
  from: readonly Place[],
  to: Place,
  options: CopyOptions,
): Promise<RunResult> {
  const report = new RunReport(options)
  report.start('copy', from.map(addressOfPlace).join(' '), addressOfPlace(to))
  const several = from.length > 1
  const objects: Source[] = []
  for (const place of from) {
    const source = await lookAt(place, options)
    if (source.object) objects.push(source)
    else {
      const below = several ? joinKey(asTree(to).prefix, baseName(place)) : to.prefix
      await using session = await openSession(
        place,
        { store: to.store, prefix: below },
        options,
        report,
      )
      await copyTree(session)
    }
  }
  if (objects.length > 0) await copyObjects(objects, to, several, options, report)
  report.planComplete()
  return report.finish()
}

/** Copies a stream, whose size nobody knows, to the key of `to`. */
export async function copyFromStream(
  input: AsyncIterable<Uint8Array>,
  to: Place,
  options: TransferOptions,
): Promise<RunResult> {
  if (to.prefix === '' || to.prefix.endsWith('/'))
    throw new HawserError('invalid-argument', 'standard input needs a name at the destination', {
      op: 'copy',
      location: to.store.location,
      key: to.prefix,
      hint: 'Give the whole address of the object, as in s3://bucket/name.',
    })
  const report = new RunReport(options)
  report.start('copy', '-', addressOfPlace(to))
  const ref = { location: to.store.location, key: to.prefix }
  report.begin('copy', ref, 0)
  const session = {
    store: to.store,
    partSize: options.partSize,
    jobs: options.jobs,
    signal: options.signal,
    meter: report.meter,
  }
  const { size } = await copyStream(input, to.prefix, session, (done) =>
    report.progress(ref, done, done),
  )
  report.done('copy', ref, size, size)
  return report.finish()
}

interface Source {
  readonly place: Place
  /** Undefined for a tree. */
  readonly object: Entry | undefined
}

async function lookAt(place: Place, options: CopyOptions): Promise<Source> {
  const { recursive = false, signal, meter } = options
  const named = place.prefix !== '' && !place.prefix.endsWith('/')
  const object = named ? await statOrUndefined(place, options) : undefined
  if (object && object.kind !== 'directory') return { place, object }
  const at = { op: 'copy', location: place.store.location, key: place.prefix }
  if (!recursive && (object || !named))
    throw new HawserError('invalid-argument', 'is a directory', {
      ...at,
      hint: 'Copy all that is in it with -r.',
    })
  if (recursive && (object || !named)) return { place, object: undefined }
  if (recursive) {
    for await (const _ of place.store.list(asTree(place).prefix, { signal, meter }))
      return { place, object: undefined }
  }
  throw new HawserError('not-found', 'no such object', {
    ...at,
    hint: recursive ? undefined : 'A prefix is copied with -r.',
  })
}

async function statOrUndefined(
  { store, prefix }: Place,
  options: CopyOptions,
): Promise<ObjectInfo | undefined> {
  const { signal, meter } = options
  try {
    return await store.stat(prefix, { signal, meter })
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found' && !isMissingRoot(error))
      return undefined
    throw error
  }
}

/** A missing bucket is not a missing object: the store's own message says more. */
function isMissingRoot(error: HawserError): boolean {
  return error.key === undefined
}

async function copyObjects(
  objects: readonly Source[],
  to: Place,
  several: boolean,
  options: CopyOptions,
  report: RunReport,
): Promise<void> {
  const below = several || (await isDirectory(to, options))
  const tree = asTree(to)
  for (const group of Map.groupBy(objects, ({ place }) => place.store).values()) {
    const [first] = group
    if (!first) continue
    const root: Place = { store: first.place.store, prefix: toKey('') }
    const target = { store: to.store, prefix: below ? tree.prefix : to.prefix }
    await using session = await openSession(root, target, options, report)
    report.plan(
      group.length,
      group.reduce((sum, { object }) => sum + (object?.size ?? 0), 0),
    )
    await forEachConcurrent(group, session.jobs, async ({ place, object }) => {
      const key = below ? joinKey(tree.prefix, baseName(place)) : to.prefix
      try {
        if (object) await copyTo(session, object, key)
      } catch (error) {
        if (options.signal?.aborted) throw error
        report.fail(error, { op: 'copy', location: to.store.location, key })
      }
    })
  }
}

async function isDirectory(to: Place, options: CopyOptions): Promise<boolean> {
  if (to.prefix === '' || to.prefix.endsWith('/')) return true
  if (!to.store.traits.hierarchical) return false
  return (await statOrUndefined(to, options))?.kind === 'directory'
}

/** The last name of a place: of the key, or of the root where the place is a whole store. */
function baseName({ store, prefix }: Place): string {
  const path = prefix === '' ? store.location.root : prefix
  return path.replace(/\/+$/, '').split('/').at(-1) ?? ''
}
