// What a sync is to do, written down from docs/sync.md and docs/filters.md: name by name, with everything at hand.
import type { SyncOptions } from '../../../src/sync/options.ts'
import { directoriesAbove, judge } from './rules.ts'
import { type Item, sizeOf, type Tree } from './tree.ts'

export type Options = Omit<SyncOptions, 'state' | 'backupDir'>

/** What an earlier run saw of two objects that it made or found equal. */
export interface Remembered {
  readonly source: Item
  readonly target: Item
  /** All attributes were brought, and not only the time. */
  readonly archive: boolean
}

export interface World {
  readonly source: Tree
  readonly target: Tree
  /** What lies below the directory of backups, wherever that is; undefined where no backups are wanted. */
  readonly backups: Tree | undefined
  /** What names begin with that are backups below the destination. */
  readonly backupsBelow: string | undefined
  readonly memory: ReadonlyMap<string, Remembered>
  readonly fromDisk: boolean
  readonly toDisk: boolean
  /** Both are of one object store, which copies by itself. */
  readonly inside: boolean
}

export type Outcome = 'copy' | 'update' | 'remove' | 'unchanged' | 'skip' | 'fail' | 'alone'

export interface Prediction {
  /** Of each name what may become of it: more than one only where the documents leave it open. */
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>
  /** The codes of failures that are of no name below. */
  readonly failures: readonly string[]
  /** Names that this run finds, or makes, alike on both sides. */
  readonly proven: ReadonlySet<string>
  /** Names that are gone on both sides. */
  readonly forgotten: readonly string[]
}

export function predict(given: World, options: Options): Prediction {
  const list = listOf(given, options)
  const world = given.fromDisk ? { ...given, source: walked(given, options) } : given
  const outcomes = new Map<string, readonly Outcome[]>()
  const proven = new Set<string>()
  const forgotten: string[] = []
  const failures: string[] = []
  const extraneous: string[] = []
  const clashes: string[] = []
  let present = 0
  let failed = 0
  if (!options.ignoreMissingArgs && !options.deleteMissingArgs)
    failures.push(...(list?.missing ?? []).map(() => 'not-found'))

  const names = new Set([...world.source.keys(), ...world.target.keys(), ...world.memory.keys()])
  for (const name of names) {
    if (world.backupsBelow !== undefined && name.startsWith(world.backupsBelow)) continue
    if (list && !list.covers(name)) continue
    const { hidden, kept } = filtered(world, options, name)
    const target = seen(world.target.get(name), options, world)
    const inSource = seen(world.source.get(name), options, world)
    const source = hidden ? undefined : inSource
    if (source || (target && !kept)) present += target ? 1 : 0
    if (!source && !world.target.has(name) && !hidden) forgotten.push(name)
    if (source) {
      const decided = decide(world, options, name, source, target)
      const acts = decided.outcomes.includes('copy')
      if (acts && isTaken(world, world.target, name)) {
        clashes.push(name)
        continue
      }
      if (acts && isBackupTaken(world, name, target)) {
        outcomes.set(name, ['fail'])
        failed++
        continue
      }
      outcomes.set(name, decided.outcomes)
      if (decided.proven) proven.add(name)
    } else if (target) {
      outcomes.set(name, ['alone'])
      const wanted = (list?.missingCovers(name) && options.deleteMissingArgs) || removable(name)
      if (wanted && !kept && !isBelowSkippedLink(world, options, name)) extraneous.push(name)
    }
  }

  function removable(name: string): boolean {
    return options.delete === true && (!list || list.foundCovers(name))
  }

  const going = goingOf(world, options, extraneous)
  const replaced = clashes.filter((name) => !list && givesPlace(world, options, going, name))
  for (const name of clashes) outcomes.set(name, ['fail'])
  failed += failures.length + clashes.length - replaced.length
  if (failed > 0) return { outcomes, failures, proven, forgotten }
  const empty = isEmpty(options.filesFrom ? given : world, options)
  if (going.length > 0 && (empty || refuses(options, going.length, present)))
    return { outcomes, failures: ['guard'], proven, forgotten }
  const stuck = going.filter((name) => isBackupTaken(world, name, world.target.get(name)))
  for (const name of going) outcomes.set(name, [stuck.includes(name) ? 'fail' : 'remove'])
  for (const name of replaced) {
    if (inTheWayOf(world, name).some((one) => stuck.includes(one))) continue
    outcomes.set(name, ['copy'])
    proven.add(name)
  }
  return { outcomes, failures, proven, forgotten }
}

/** Where a disk takes part, directories are only looked at where they are kept. */
function seen(
  item: Item | undefined,
  { archive }: Options,
  { fromDisk, toDisk }: World,
): Item | undefined {
  return item?.kind === 'directory' && (fromDisk || toDisk) && !archive ? undefined : item
}

/** A walk over a disk does not go into what is left out, and what it has not seen may be nothing. */
function walked(world: World, options: Options): Tree {
  const { source } = world
  const { archive, filesFrom = [''] } = options
  const isSeen = (name: string): boolean =>
    filesFrom.some(
      (one) =>
        name === one ||
        (name.startsWith(one) &&
          !isLeftOutBelow(world, options, one === '' ? '' : `${one}/`, name)),
    )
  return new Map(
    [...source].filter(([name, { kind }]) => (kind !== 'directory' || archive) && isSeen(name)),
  )
}

/** Whether a walk over a disk that begins at the directory does not come to the name. */
function isLeftOutBelow(
  { source, fromDisk }: World,
  { rules = [], deleteExcluded = false }: Options,
  top: string,
  name: string,
): boolean {
  return (
    fromDisk &&
    name.startsWith(top) &&
    directoriesAbove(name).some(
      (directory) =>
        directory.length > top.length &&
        source.has(directory) &&
        judge(rules, deleteExcluded, directory).hidden,
    )
  )
}

// Names from a list

interface List {
  readonly missing: readonly string[]
  /** Whether the run looks at the name. */
  covers(name: string): boolean
  foundCovers(name: string): boolean
  missingCovers(name: string): boolean
}

function listOf(world: World, options: Options): List | undefined {
  const { source } = world
  const { filesFrom } = options
  if (!filesFrom) return undefined
  const all = [...new Set(filesFrom)]
  const isObject = (name: string): boolean => source.has(name)
  const isDirectory = (name: string): boolean =>
    [...source.keys()].some((one) => one.startsWith(`${name}/`))
  const found = all.filter((name) => isObject(name) || isDirectory(name))
  const missing = all.filter(
    (name) =>
      !found.includes(name) &&
      !found.some((one) => isLeftOutBelow(world, options, `${one}/`, name)),
  )
  const covered = (by: readonly string[], name: string): boolean =>
    by.some((one) => name === one || (name.startsWith(`${one}/`) && !isObject(one)))
  return {
    missing,
    covers: (name) => covered(all, name),
    foundCovers: (name) => covered(found, name),
    missingCovers: (name) => covered(missing, name),
  }
}

// Filters

/** `kept`: what the destination has under the name is not removed, also where the source has nothing. */
function filtered(
  { source, target, fromDisk, toDisk }: World,
  options: Options,
  name: string,
): { readonly hidden: boolean; readonly kept: boolean } {
  const { rules = [], deleteExcluded = false } = options
  const judged = judge(rules, deleteExcluded, name)
  const [there, here] = [source.get(name), target.get(name)]
  const beyond = there
    ? isBeyondLimits(there, options, fromDisk)
    : here !== undefined && isBeyondLimits(here, options, toDisk)
  return {
    hidden: judged.hidden || beyond,
    kept: judged.protected || (beyond && !deleteExcluded),
  }
}

/** A listing of a bucket does not tell links from other objects. */
function isBeyondLimits(item: Item, options: Options, onDisk: boolean): boolean {
  const { maxSize, minSize, newerThan, olderThan } = options
  if (item.kind === 'directory' || (item.kind === 'link' && onDisk)) return false
  return (
    (maxSize !== undefined && sizeOf(item) > maxSize) ||
    (minSize !== undefined && sizeOf(item) < minSize) ||
    (newerThan !== undefined && item.listed < newerThan) ||
    (olderThan !== undefined && item.listed > olderThan)
  )
}

// One name that both sides, or only the source, have

interface Decided {
  readonly outcomes: readonly Outcome[]
  readonly proven: boolean
}
const copied: Decided = { outcomes: ['copy'], proven: true }
const left: Decided = { outcomes: ['unchanged'], proven: false }
const skipped: Decided = { outcomes: ['skip'], proven: false }

function decide(
  world: World,
  options: Options,
  name: string,
  source: Item,
  target: Item | undefined,
): Decided {
  const { toDisk, fromDisk } = world
  if (source.kind === 'link' && fromDisk && !keepsLinks(options)) return skipped
  if (!target) return options.existing ? left : copied
  if (source.kind === 'directory' && (fromDisk || toDisk))
    return directoryThere(world, options, name, source, target)
  if (options.ignoreExisting) return left
  if (options.update) {
    // What the state knows need not be asked for.
    const known = world.memory.get(name)?.source.listed ?? target.time
    const newer = [target.time, known].map((there) => isLater(there, source.time, options))
    if (newer.every(Boolean)) return skipped
    if (newer.some(Boolean)) {
      const otherwise = compared(world, options, name, source, target)
      return { outcomes: [...skipped.outcomes, ...otherwise.outcomes], proven: otherwise.proven }
    }
  }
  // A link is replaced, and kept as one.
  if (fromDisk && toDisk && source.kind !== target.kind) return copied
  return compared(world, options, name, source, target)
}

/** It gets its time and mode last, whatever was done in it; in a bucket it is looked at, or written again. */
function directoryThere(
  { fromDisk, toDisk, memory }: World,
  options: Options,
  name: string,
  source: Item,
  target: Item,
): Decided {
  const row = memory.get(name)
  const asRecorded =
    row && isSame(row.source, source, fromDisk) && isSame(row.target, target, toDisk, true)
  if (asRecorded && bringsNoMore(row, options)) return left
  if (toDisk) return { outcomes: ['unchanged'], proven: true }
  if ((row && !asRecorded) || sizeOf(target) > 0) return copied
  const isAlike = isSameTime(source.time, target.own ?? 0n, options) && source.mode === target.mode
  return { outcomes: [isAlike ? 'unchanged' : 'update'], proven: true }
}

function compared(
  world: World,
  options: Options,
  name: string,
  source: Item,
  target: Item,
): Decided {
  const { fromDisk, toDisk, memory } = world
  const row = memory.get(name)
  const sameTime = isSameTime(source.time, target.time, options)
  const sameMode = !options.archive || source.mode === undefined || source.mode === target.mode
  if (sizeOf(source) !== sizeOf(target)) return copied
  if (options.sizeOnly) return left
  const asRecorded =
    row && isSame(row.source, source, fromDisk) && isSame(row.target, target, toDisk, true)
  if (asRecorded && bringsNoMore(row, options) && !options.checksum) return left
  if (!asRecorded && !options.checksum) {
    if (fromDisk && toDisk && sameTime && sameMode && !row)
      return { outcomes: ['unchanged'], proven: true }
    if (options.exactTimestamps && !sameTime) return copied
  }
  const believed = (asRecorded || (options.compareMetadata && sameTime)) && !options.checksum
  if (!believed && source.body !== target.body) return copied
  // A time that is not known costs a request: only one that the state knows, or that was asked for, follows.
  const asked = options.compareMetadata || options.exactTimestamps || options.update
  const isLooked = fromDisk && source.kind === 'link'
  const follows =
    toDisk || options.archive || isLooked || (row && !asRecorded) || (asked && !sameTime)
  // A link is no file of the same bytes; what a bucket has is only known where it is looked at.
  if (fromDisk && source.kind !== target.kind && follows) return copied
  const wanted = world.inside ? source.own : source.time
  const differs =
    wanted !== undefined && !(target.own !== undefined && isSameTime(wanted, target.own, options))
  return { outcomes: [follows && (differs || !sameMode) ? 'update' : 'unchanged'], proven: true }
}

/** What is as it was recorded has all that the run is to bring. */
function bringsNoMore({ archive }: Remembered, options: Options): boolean {
  return archive || !options.archive
}

/** As a listing shows it. What an upload's time will be is not known when it is recorded. */
function isSame(recorded: Item, item: Item, onDisk: boolean, written = false): boolean {
  if (recorded.identity !== item.identity || sizeOf(recorded) !== sizeOf(item)) return false
  return onDisk || written || recorded.listed === item.listed
}

function isSameTime(a: bigint, b: bigint, { modifyWindow = 999n }: Options): boolean {
  return a - b <= modifyWindow && b - a <= modifyWindow
}

function isLater(a: bigint, b: bigint, { modifyWindow = 999n }: Options): boolean {
  return a - b > modifyWindow
}

// What is in the way

/** On a disk a name cannot be a file and a directory. */
function isTaken({ toDisk }: World, tree: Tree, name: string): boolean {
  return (
    toDisk &&
    ((name.endsWith('/') ? tree.has(name.slice(0, -1)) : tree.has(`${name}/`)) ||
      directoriesAbove(name).some((directory) => tree.has(directory.slice(0, -1))))
  )
}

/** Neither can its backup. */
function isBackupTaken(world: World, name: string, target: Item | undefined): boolean {
  const { backups } = world
  if (!backups || !target || target.kind === 'directory') return false
  return isTaken(world, backups, name)
}

/** Of what is too much, what goes: no directory of a disk in which something stays, or comes. */
function goingOf(world: World, options: Options, extraneous: readonly string[]): string[] {
  const { source, target, toDisk } = world
  const all = new Set(extraneous)
  const holds = (name: string): boolean =>
    [...target.keys()].some((one) => isWithin(one, name) && !all.has(one)) ||
    [...source.keys()].some((one) => isWithin(one, name) && !filtered(world, options, one).hidden)
  return extraneous.filter((name) => !(toDisk && name.endsWith('/') && holds(name)))
}

function isWithin(name: string, directory: string): boolean {
  return name !== directory && name.startsWith(directory)
}

function inTheWayOf({ target }: World, name: string): string[] {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  const above = directoriesAbove(name).map((directory) => directory.slice(0, -1))
  return [...target.keys()].filter(
    (one) =>
      above.includes(one) || (name.endsWith('/') ? one === path : one.startsWith(`${path}/`)),
  )
}

/** Whether all that is in the way goes: directories that are not kept go with what is in them. */
function givesPlace(
  world: World,
  options: Options,
  going: readonly string[],
  name: string,
): boolean {
  return inTheWayOf(world, name).every(
    (one) =>
      going.includes(one) ||
      (one.endsWith('/') &&
        !options.archive &&
        options.delete === true &&
        !filtered(world, options, one).kept),
  )
}

function keepsLinks({ links, archive }: Options): boolean {
  return links === undefined ? archive === true : links === 'preserve'
}

function isBelowSkippedLink(world: World, options: Options, name: string): boolean {
  if (!world.fromDisk || keepsLinks(options)) return false
  return directoriesAbove(name).some((directory) => {
    const link = directory.slice(0, -1)
    return world.source.get(link)?.kind === 'link' && !filtered(world, options, link).hidden
  })
}

// Guards

/** Directories of a disk count where they are kept. */
function isEmpty({ source, fromDisk }: World, { archive }: Options): boolean {
  return [...source.values()].every(({ kind }) => kind === 'directory' && fromDisk && !archive)
}

function refuses(options: Options, count: number, present: number): boolean {
  const { maxDelete } = options
  if (maxDelete === undefined) return !options.filesFrom && present >= 100 && count > present / 2
  const most =
    typeof maxDelete === 'number' ? maxDelete : (Number.parseFloat(maxDelete) / 100) * present
  return count > most
}
