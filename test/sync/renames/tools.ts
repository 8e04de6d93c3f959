// Edits, renames, swaps, links and removals of files by hand, and stores that die.
import * as fc from 'fast-check'
import { link, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { HawserError } from '../../../src/core/errors.ts'
import type { Store } from '../../../src/core/store.ts'
import { bytesOf } from '../../conformance/tools.ts'
import { KiB, storeWith } from '../../transfer/tools.ts'

interface Written<Do> {
  readonly do: Do
  readonly name: string
  readonly body: string
}
interface Moved<Do> {
  readonly do: Do
  readonly name: string
  readonly to: string
}
export type Edit =
  | Written<'write'>
  | Written<'save'>
  | Moved<'rename'>
  | Moved<'swap'>
  | Moved<'link'>
  | { readonly do: 'remove'; readonly name: string }

const names = ['a', 'b', 'c', 'd/a', 'd/b', 'e/a']
const name = fc.constantFrom(...names)

/** @param bodies what files have */
export function editsOf(bodies: readonly string[]): fc.Arbitrary<Edit> {
  const body = fc.constantFrom(...bodies)
  return fc.oneof(
    fc.record({ do: fc.constant('write' as const), name, body }),
    fc.record({ do: fc.constant('save' as const), name, body }),
    fc.record({ do: fc.constant('rename' as const), name, to: name }),
    fc.record({ do: fc.constant('swap' as const), name, to: name }),
    fc.record({ do: fc.constant('link' as const), name, to: name }),
    fc.record({ do: fc.constant('remove' as const), name }),
  )
}

export const small: Readonly<Record<string, string>> = { x: 'x', y: 'y', longer: 'longer' }
/** Contents of more than 1 MiB by their names: `a`, and what others have but for some bytes, or after others. */
export const large: Readonly<Record<string, string>> = largeBodies()

function largeBodies(): Record<string, string> {
  const a = hex(1)
  const b = hex(2)
  const half = a.length / 2
  return {
    x: 'x',
    a,
    b,
    'a, edited': `${a.slice(0, half)}edited${a.slice(half)}`,
    'a, same size': `${a.slice(0, half)}!${a.slice(half + 1)}`,
    'a, longer': `${a}longer`,
    'b, then a': b.slice(half) + a,
  }
}

function hex(seed: number): string {
  return Buffer.from(bytesOf(640 * KiB, seed)).toString('hex')
}

let clock = 1_700_000_000

/** At a time of its own: what has the size and the time of something else is taken for it, where nothing is known. */
async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text)
  await utimes(path, clock, clock)
  clock++
}

export async function apply(
  source: string,
  one: Edit,
  bodies: Readonly<Record<string, string>> = {},
): Promise<void> {
  const at = join(source, one.name)
  const present = await filesOf(source)
  await mkdir(dirname(at), { recursive: true })
  const text = 'body' in one ? (bodies[one.body] ?? one.body) : ''
  if (one.do === 'write') return write(at, text)
  if (one.do === 'save') {
    await write(join(source, 'new'), text)
    return rename(join(source, 'new'), at)
  }
  if (!(one.name in present)) return
  if (one.do === 'remove') return rm(at)
  const to = join(source, one.to)
  if (to === at) return
  await mkdir(dirname(to), { recursive: true })
  if (one.do === 'rename') return rename(at, to)
  if (one.do === 'link') {
    await rm(to, { force: true })
    return link(at, to)
  }
  if (!(one.to in present)) return
  await rename(at, join(source, 'swapped'))
  await rename(to, at)
  return rename(join(source, 'swapped'), to)
}

export async function filesOf(source: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path.slice(source.length + 1)] = await readFile(path, 'utf8')
  }
  return found
}

/** As object stores are: what has another name is copied. */
export function withoutRename(store: Store): Store {
  return storeWith(store, { rename: undefined })
}

/** After so many changes nothing is done any more, nor does anybody learn of it. */
export function dying(store: Store, after: number, lost: boolean): Store {
  let left = after
  async function step<T>(task: () => Promise<T>): Promise<T> {
    left--
    if (left < -1 || (left === -1 && !lost)) throw killed()
    const result = await task()
    if (left < 0) throw killed()
    return result
  }
  const { copy, multipart, rename: move, setAttributes } = store
  const copyPart = multipart?.copyPart
  return storeWith(store, {
    write: (key, ...more) => step(() => store.write(key, ...more)),
    copy: copy && { ...copy, copy: (...call) => step(() => copy.copy(...call)) },
    rename: move && ((...call) => step(() => move.call(store, ...call))),
    multipart: multipart && {
      ...multipart,
      begin: (...call) => step(() => multipart.begin(...call)),
      part: (...call) => step(() => multipart.part(...call)),
      copyPart: copyPart && ((...call) => step(() => copyPart(...call))),
      complete: (...call) => step(() => multipart.complete(...call)),
      abort: (...call) => step(() => multipart.abort(...call)),
    },
    setAttributes: setAttributes && ((...call) => step(() => setAttributes.call(store, ...call))),
    async *remove(refs, options) {
      for await (const ref of refs)
        yield* await step(() => Array.fromAsync(store.remove(only(ref), options)))
    },
  })
}

async function* only<T>(one: T): AsyncGenerator<T> {
  yield one
}

function killed(): HawserError {
  return new HawserError('unavailable', 'killed', { op: 'test', retry: 'never' })
}

/** Without --delete a name goes only where its file has another one, which has all that it had. */
export function expectNothingLost(
  before: Record<string, string>,
  after: Record<string, string>,
  files: Record<string, string>,
): void {
  const lost = Object.keys(before).filter((one) => !(one in after))
  for (const one of lost) {
    expect(files).not.toHaveProperty([one])
    expect(Object.values(after)).toContain(before[one])
  }
}
