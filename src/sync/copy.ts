// Copies objects and trees to a place, whatever is there. Relative paths are kept: nothing is flattened.
import { asHawserError, HawserError } from '../core/errors.ts'
import { joinKey, type Key, toKey } from '../core/key.ts'
import { addressOfPlace, asTree, type Place, placeId } from '../core/place.ts'
import type { Entry } from '../core/store.ts'
import type { FilterOptions } from '../filter/types.ts'
import type { Pattern } from '../pattern/pattern.ts'
import { defaultPartSize } from '../transfer/parts.ts'
import { forEachConcurrent } from '../transfer/semaphore.ts'
import { tellFailure } from './archived.ts'
import { copyTo } from './execute.ts'
import { inHistory } from './history.ts'
import { entryAt } from './look.ts'
import type { TransferOptions } from './options.ts'
import { RunLimits } from './limits.ts'
import { refuseOverlap } from './overlap.ts'
import { RunReport, type RunResult } from './report.ts'
import { tellLeftOut } from './reserved.ts'
import { lockOf, openSession, type Session, type SessionSettings, tellLimits } from './session.ts'
import { copyTree } from './sync.ts'

export interface CopyOptions extends TransferOptions, FilterOptions {
  /** Take all that lies below a source. */
  readonly recursive?: boolean | undefined
}

/**
 * Copies each source. One object goes to the key of `to`, or below it where that is a directory or ends in `/`. What
 * lies below one source goes below `to`; of several sources each keeps its own name.
 * @throws HawserError before anything is copied: not-found for a missing source, invalid-argument for a tree without
 *   `recursive`, for a tree into itself, and for two sources of one name
 */
export async function copy(
  from: readonly SourcePlace[],
  to: Place,
  options: CopyOptions,
): Promise<RunResult> {
  return handleSources(from, to, options, {
    command: 'copy',
    refuse: (source, target) => refuseOverlap(source, target, {}),
    tree: copyTree,
    object: copyTo,
  })
}

/** A place, or with a pattern those names below it that are meant, which they keep. */
export interface SourcePlace extends Place {
  readonly pattern?: Pattern | undefined
}

/** What is done with the objects and trees of a command that takes SRC... DST. */
export interface SourceHandler {
  readonly command: 'copy' | 'move'
  /** @throws HawserError for a tree that cannot go there */
  readonly refuse: (source: Place, target: Place) => void
  readonly tree: (session: Session) => Promise<void>
  readonly object: (session: Session, source: Entry, key: Key) => Promise<unknown>
}

/** Finds out what each source is and where it goes, before anything is done. */
export async function handleSources(
  from: readonly SourcePlace[],
  to: Place,
  options: CopyOptions,
  handler: SourceHandler,
): Promise<RunResult> {
  const { command } = handler
  const report = new RunReport(options)
  const run = (): Promise<RunResult> => handleEach(from, to, options, report, handler)
  return inHistory({ command, from, to }, report, options, run)
}

async function handleEach(
  from: readonly SourcePlace[],
  to: Place,
  options: CopyOptions,
  report: RunReport,
  handler: SourceHandler,
): Promise<RunResult> {
  const { command, refuse } = handler
  const limits = new RunLimits(options, report.streak)
  report.start(command, from.map(addressOfPlace), addressOfPlace(to))
  const several = from.length > 1
  if (several) {
    refuseSameNames(from, to, command)
    refusePatterns(from, command)
  }
  const objects: ObjectAt[] = []
  const trees: { readonly place: SourcePlace; readonly target: Place }[] = []
  for (const place of from) {
    const object = place.pattern ? undefined : await lookAt(place, options, command)
    const prefix = several ? joinKey(asTree(to).prefix, baseName(place)) : to.prefix
    const target = { store: to.store, prefix }
    if (!object) refuse(place, target)
    if (object) objects.push({ place, object })
    else trees.push({ place, target })
  }
  for (const { place, target } of trees) {
    const { pattern } = place
    const matching = pattern && { pattern, recursive: options.recursive ?? false }
    const settings = { report, limits, exclusive: true, guarded: false, matching }
    await using session = await openSession(place, target, options, settings)
    await tellLeftOut(session.from, report, session.transfer)
    await handler.tree(session)
  }
  const settings = { report, limits, exclusive: false, guarded: false }
  if (objects.length > 0) await handleObjects(objects, to, several, options, settings, handler)
  tellLimits(limits, report, to)
  report.planComplete()
  return report.finish()
}

interface ObjectAt {
  readonly place: Place
  readonly object: Entry
}

/** One would replace the other. */
function refuseSameNames(from: readonly Place[], to: Place, op: string): void {
  const names = new Set<string>()
  for (const place of from) {
    const name = baseName(place)
    if (names.has(name))
      throw new HawserError('invalid-argument', `two sources have the name ${name}`, {
        op,
        location: to.store.location,
        key: joinKey(asTree(to).prefix, name),
        hint: 'Take them one by one, to different places.',
      })
    names.add(name)
  }
}

/** Names of two sources could be the same, and one would replace the other. */
function refusePatterns(from: readonly SourcePlace[], op: string): void {
  const { pattern } = from.find((source) => source.pattern) ?? {}
  if (pattern)
    throw new HawserError(
      'invalid-argument',
      `with a pattern there is one source: ${pattern.text}`,
      {
        op,
        hint: 'Join patterns, as in {a,b}*, or run the command for each.',
      },
    )
}

/** The object; undefined for a tree. */
async function lookAt(place: Place, options: CopyOptions, op: string): Promise<Entry | undefined> {
  const { recursive = false, signal, meter } = options
  const named = place.prefix !== '' && !place.prefix.endsWith('/')
  const object = await entryAt(place, options)
  if (object && object.kind !== 'directory') return object
  const at = { op, location: place.store.location, key: place.prefix }
  if (!recursive && (object || !named))
    throw new HawserError('invalid-argument', 'is a directory', {
      ...at,
      hint: 'With -r, all that is in it goes.',
    })
  if (object || place.prefix === '') return undefined
  if (recursive) {
    const tree = asTree(place).prefix
    for await (const _ of place.store.list(tree, { directories: true, signal, meter }))
      return undefined
  }
  throw new HawserError('not-found', 'nothing is there', {
    ...at,
    hint: recursive || place.store.traits.hierarchical ? undefined : 'A prefix goes with -r.',
  })
}

async function handleObjects(
  objects: readonly ObjectAt[],
  to: Place,
  several: boolean,
  options: CopyOptions,
  settings: SessionSettings,
  { command: op, object: handle }: SourceHandler,
): Promise<void> {
  const { report } = settings
  const below = several || (await isDirectory(to, options))
  const tree = asTree(to)
  for (const group of Map.groupBy(objects, ({ place }) => place.store).values()) {
    const [first] = group
    if (!first) continue
    const root: Place = { store: first.place.store, prefix: toKey('') }
    const target = { store: to.store, prefix: below ? tree.prefix : to.prefix }
    await using session = await openSession(root, target, options, settings)
    report.plan(
      group.length,
      group.reduce((sum, { object }) => sum + object.size, 0),
    )
    await forEachConcurrent(group, session.jobs, async ({ place, object }) => {
      const key = below ? joinKey(tree.prefix, baseName(place)) : to.prefix
      const at = { op, location: to.store.location, key }
      try {
        if (placeId(place) === placeId({ store: to.store, prefix: key }))
          throw new HawserError('invalid-argument', 'source and destination are the same', at)
        if (object.kind === 'symlink' && !session.rules.keepLinks)
          throw new HawserError('unsupported', 'a symbolic link is not followed', {
            op,
            location: place.store.location,
            key: place.prefix,
            hint: 'Name the file that it points to, or keep the link with -a.',
          })
        await using _ = await lockOfParts(object, { store: to.store, prefix: key }, options)
        await handle(session, object, key)
      } catch (error) {
        if (options.signal?.aborted) throw asHawserError(error, at)
        await tellFailure(session, object, error, at)
      }
    })
  }
}

/** Two copies of one object in parts would go on with each other's upload. Other objects are none of theirs. */
async function lockOfParts(
  { size }: Entry,
  to: Place,
  { state, partSize, dryRun }: CopyOptions,
): Promise<AsyncDisposable | undefined> {
  return dryRun || size <= (partSize ?? defaultPartSize) ? undefined : lockOf(state, to)
}

async function isDirectory(to: Place, options: CopyOptions): Promise<boolean> {
  if (to.prefix === '' || to.prefix.endsWith('/')) return true
  if (!to.store.traits.hierarchical) return false
  return (await entryAt(to, options))?.kind === 'directory'
}

/** The last name of a place: of the key, or of the root where the place is a whole store. */
function baseName({ store, prefix }: Place): string {
  const path = prefix === '' ? store.location.root : prefix
  return path.replace(/\/+$/, '').split('/').at(-1) ?? ''
}
