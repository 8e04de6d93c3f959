// Moves objects and trees: by another name where the store can give one, else by a copy, after which exactly what was
// copied is removed. Whatever ends it in the middle, each object is whole at its old place, its new one, or both.
import { attributesFromMetadata, attributesToMetadata } from '../core/attributes.ts'
import { asHawserError, HawserError, isHawserError } from '../core/errors.ts'
import { emptyKey, type Key, toKey } from '../core/key.ts'
import { locationId } from '../core/location.ts'
import type { Place } from '../core/place.ts'
import { checkSignal } from '../core/signal.ts'
import type { Entry, KeyRef, ObjectInfo, Rename } from '../core/store.ts'
import type { ObjectRef } from '../core/work.ts'
import { listMatching } from '../pattern/list.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { tellFailure } from './archived.ts'
import { type CopyOptions, handleSources, type SourcePlace } from './copy.ts'
import { conditionOnName, nameTaken } from './condition.ts'
import type { Candidate } from './decide.ts'
import { transferTo } from './execute.ts'
import { removeLeftBehind } from './leftovers.ts'
import { entryAt } from './look.ts'
import { readAhead } from './read-ahead.ts'
import type { RunResult } from './report.ts'
import { isWithin, refuseOverlap } from './overlap.ts'
import { seenAt, type Session, sourceKey, targetKey } from './session.ts'
import { selected } from './selected.ts'
import { sourceAlone } from './trees.ts'

/**
 * Moves each source, to where `copy` copies it; what is there is replaced. Between file systems all is kept, as with
 * `archive`. What changes while it is moved stays, as a failure.
 * @throws HawserError before anything is moved: not-found for a missing source, invalid-argument for a tree without
 *   `recursive`, for a tree into itself or out of itself, and for two sources of one name
 */
export async function move(
  from: readonly SourcePlace[],
  to: Place,
  options: CopyOptions,
): Promise<RunResult> {
  const betweenDisks = [to, ...from].every(({ store }) => store.traits.hierarchical)
  const archive = betweenDisks || options.archive
  return handleSources(
    from,
    to,
    { ...options, archive },
    {
      command: 'move',
      refuse: refuseNested,
      tree: moveTree,
      object: moveTo,
    },
  )
}

/** A tree may go to what is around it: its names are looked at one by one then, where they can be compared. */
function refuseNested(source: Place, target: Place): void {
  refuseOverlap(source, target, {})
  if (isOneStore(source, target) || !isWithin(source, target)) return
  throw new HawserError('invalid-argument', 'the source is inside the destination', {
    op: 'move',
    location: source.store.location,
    key: source.prefix,
    hint: 'Move it to another place first.',
  })
}

function isOneStore(a: Place, b: Place): boolean {
  return locationId(a.store.location) === locationId(b.store.location)
}

/** Moves one object to a key. */
export async function moveTo(session: Session, source: Entry, key: Key): Promise<void> {
  const { report, from, to, transfer } = session
  const rename = isOneStore(from, to) ? to.store.rename : undefined
  const target = { location: to.store.location, key }
  if (rename) {
    const at = seenAt(from, source)
    if (report.dryRun) return report.done('move', target, source.size, 0)
    const { signal, meter } = transfer
    report.begin('move', target, source.size)
    const condition = await conditionOnName(session, key, source)
    const ref = { key: source.key }
    const renamed = await tryRename(() => rename(ref, key, { condition, signal, meter }), target)
    if (renamed) {
      await session.signatures.source.move(source, renamed)
      return report.done('move', target, source.size, 0, { from: at, info: renamed })
    }
  }
  await transferTo(session, source, key, {
    action: 'move',
    prepare: async () => ({ condition: await conditionOnName(session, key, undefined) }),
    async finish({ work: { from: copied } }) {
      await removeExactly(session, { key: copied.key, etag: copied.etag })
      await session.signatures.source.remove(copied)
    },
  })
}

/** Undefined where it takes a copy after all: between two file systems that are mounted below one root. */
async function tryRename(
  rename: () => ReturnType<Rename>,
  target: ObjectRef,
): Promise<ObjectInfo | undefined> {
  try {
    return await rename()
  } catch (error) {
    if (!isHawserError(error)) throw error
    if (error.code === 'unsupported') return undefined
    if (error.code === 'precondition-failed') throw nameTaken(target, error)
    throw error
  }
}

/** Only the state that was copied; without its version, so that a bucket with versions keeps it as an old one. */
async function removeExactly({ from, transfer }: Session, ref: KeyRef): Promise<void> {
  const { signal, meter } = transfer
  const at = { op: 'move', location: from.store.location, key: ref.key }
  for await (const { error } of from.store.remove(one(ref), { signal, meter })) {
    if (isHawserError(error) && error.code === 'precondition-failed')
      throw new HawserError('conflict', 'it changed after it was copied: it stays, too', {
        ...at,
        hint: 'Run the command again when nothing writes to it.',
        cause: error,
      })
    if (error) throw asHawserError(error, at)
  }
}

async function moveTree(session: Session): Promise<void> {
  const { from, to, report, matching } = session
  await removeLeftBehind(session)
  const call = { signal: session.transfer.signal, meter: report.meter }
  const isNew = !matching && to.store.traits.hierarchical && (await entryAt(to, call)) === undefined
  const top = isNew ? await entryAt(from, call) : undefined
  const planned = readAhead(plan(session), planAhead)
  await forEachConcurrent(planned, session.jobs, (candidate) => perform(session, candidate))
  if (report.dryRun) return
  await finishDirectories(session)
  if (!from.store.traits.hierarchical) return
  if (top) await makeLike(session, top)
  if (!matching || matching.recursive) await removeDirectories(session)
}

/** Objects that may wait to be moved: so that the totals are known early, in bounded memory. */
const planAhead = 5_000

async function* plan(session: Session): AsyncGenerator<Candidate> {
  const seen = { source: 0, target: 0 }
  for await (const candidate of selected(session, sourceAlone(session), seen)) {
    const { source } = candidate
    if (source && !isRealDirectory(session, source)) session.report.plan(1, source.size)
    yield candidate
  }
}

/** Of a file system: made and removed beside what is moved, and not counted. */
function isRealDirectory({ from }: Session, { kind }: Entry): boolean {
  return kind === 'directory' && from.store.traits.hierarchical
}

/** One object's failure is reported and stops no other. */
async function perform(session: Session, { name, source }: Candidate): Promise<void> {
  const { transfer, to } = session
  if (!source) return
  const at = { op: 'move', location: to.store.location, key: targetKey(session, name) }
  checkSignal(transfer.signal, at)
  try {
    await moveOne(session, name, source)
  } catch (error) {
    if (transfer.signal?.aborted) throw asHawserError(error, at)
    await tellFailure(session, source, error, at)
  }
}

async function moveOne(session: Session, name: string, source: Entry): Promise<void> {
  const { report, from, to, options } = session
  const key = targetKey(session, name)
  if (source.kind === 'special') return report.skip(seenAt(from, source), 'not a regular file')
  if (source.kind === 'symlink' && !options.archive)
    return report.skip(seenAt(from, source), 'a symbolic link (-a keeps links)')
  if (source.kind === 'directory' && to.store.traits.hierarchical)
    return makeDirectory(session, name, source)
  if (isRealDirectory(session, source)) return copyMarker(session, source, key)
  if (isOneStore(from, to) && key.startsWith(from.prefix))
    throw new HawserError('conflict', 'it would replace what is still to be moved', {
      op: 'move',
      location: from.store.location,
      key: sourceKey(session, name),
      hint: 'Move it to another place first.',
    })
  await moveTo(session, source, key)
}

async function makeDirectory(session: Session, name: string, source: Entry): Promise<void> {
  const { report, to, transfer, options, spool } = session
  const { signal, meter } = transfer
  const target = { location: to.store.location, key: targetKey(session, name) }
  const isCounted = !isRealDirectory(session, source)
  if (!report.dryRun) {
    await to.store.write(target.key, new Uint8Array(0), { signal, meter })
    if (options.archive) await spool.push(made, name, await attributesOf(session, source))
    if (isCounted) await removeExactly(session, { key: source.key, etag: source.etag })
  }
  if (isCounted) report.done('move', target, 0, 0)
}

const made = 'made-directory'

/** As text. The time is the listing's: what is moved out of a directory changes its own. */
async function attributesOf({ from, transfer }: Session, source: Entry): Promise<string> {
  const { signal, meter } = transfer
  const { attributes } = await from.store.stat(source.key, { signal, meter })
  const { mtime } =
    from.store.traits.modified === 'native' ? { mtime: source.modified } : attributes
  return JSON.stringify(attributesToMetadata({ ...attributes, mtime: mtime ?? source.modified }))
}

/** Last, the inner ones first: what comes into a directory changes its time, and into a read-only one nothing can. */
async function finishDirectories(session: Session): Promise<void> {
  const { to, spool, transfer, report } = session
  const { signal, meter } = transfer
  for await (const { order, payload } of spool.read(made, 'descending')) {
    const key = targetKey(session, order)
    const at = { op: 'setAttributes', location: to.store.location, key }
    checkSignal(signal, at)
    try {
      const metadata: Record<string, string> = JSON.parse(payload)
      const { attributes } = attributesFromMetadata(metadata)
      await to.store.setAttributes?.(key, attributes, { signal, meter })
    } catch (error) {
      if (signal?.aborted) throw asHawserError(error, at)
      report.fail(error, at)
    }
  }
}

/** A directory of a disk, kept as an object whose key ends in `/`. */
async function copyMarker(session: Session, source: Entry, key: Key): Promise<void> {
  const { report, from, to, transfer } = session
  const { signal, meter } = transfer
  if (report.dryRun) return
  const { attributes } = await from.store.stat(source.key, { signal, meter })
  await to.store.write(key, new Uint8Array(0), { attributes, signal, meter })
}

/** The top of the tree, which no listing tells of. */
async function makeLike({ to, transfer }: Session, { attributes }: ObjectInfo): Promise<void> {
  const { signal, meter } = transfer
  if (to.prefix === emptyKey) return
  await to.store.write(to.prefix, new Uint8Array(0), { signal, meter })
  await to.store.setAttributes?.(to.prefix, attributes, { signal, meter })
}

const kind = 'source-directory'

/** Those that hold nothing any more, the inner ones first; the others keep what was not moved. */
async function removeDirectories(session: Session): Promise<void> {
  const { from, spool, transfer, report, matching } = session
  const { signal, meter } = transfer
  const { store, prefix } = from
  if (prefix !== emptyKey && !matching) await spool.push(kind, prefix, '')
  // What cannot be listed was told when its objects were.
  const call = { directories: true, onProblem: () => {}, signal, meter }
  const entries = matching
    ? listMatching(from, matching.pattern, { ...call, recursive: true })
    : store.list(prefix, call)
  for await (const { key, ...entry } of entries)
    if (entry.kind === 'directory' && key !== prefix) await spool.push(kind, key, '')
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const { order } of spool.read(kind, 'descending')) yield { key: toKey(order) }
  }
  for await (const { key, error } of store.remove(refs(), { signal, meter })) {
    // Not empty: something in it is told as a failure, or as passed over.
    if (!error || (isHawserError(error) && error.code === 'conflict')) continue
    report.fail(error, { op: 'remove', location: store.location, key })
  }
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item
}
