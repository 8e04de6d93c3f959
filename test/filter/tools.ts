// What the tests of filters share: trees of names, and what a filter says of each.
import type { Entry } from '../../src/core/store.ts'
import { toKey } from '../../src/core/key.ts'
import { makeFilter } from '../../src/filter/filter.ts'
import type { FilterOptions, ReadText, Verdict } from '../../src/filter/types.ts'
import { byBytes } from '../conformance/tools.ts'

export const noFiles: ReadText = async () => undefined

/** Small files of a source. */
export function filesOf(files: Readonly<Record<string, string>>): ReadText {
  return async (key) => (Object.hasOwn(files, key) ? files[key] : undefined)
}

/** The names and the directories that they are in, in order. */
export function withDirectories(names: readonly string[]): string[] {
  const all = new Set<string>()
  for (const name of names) {
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1))
      all.add(name.slice(0, slash + 1))
    all.add(name)
  }
  return [...all].toSorted(byBytes)
}

export async function verdicts(
  options: FilterOptions,
  names: readonly string[],
  readText: ReadText = noFiles,
): Promise<ReadonlyMap<string, Verdict>> {
  const filter = makeFilter(options, readText)
  const found = new Map<string, Verdict>()
  for (const name of names) {
    const verdict = await filter?.judge(name, undefined, undefined)
    found.set(name, verdict ?? { hidden: false, protected: false })
  }
  return found
}

export async function hidden(
  options: FilterOptions,
  names: readonly string[],
  readText?: ReadText,
): Promise<string[]> {
  const found = await verdicts(options, names, readText)
  return names.filter((name) => found.get(name)?.hidden)
}

export async function isProtected(
  options: FilterOptions,
  names: readonly string[],
): Promise<string[]> {
  const found = await verdicts(options, names)
  return names.filter((name) => found.get(name)?.protected)
}

export function fileEntry(name: string, facts: Partial<Entry> = {}): Entry {
  return { key: toKey(name), kind: 'file', size: 0, modified: 0n, etag: undefined, ...facts }
}
