// Where trees lie beside one another: below a directory of a disk, or below a prefix of a bucket.
import { lutimes, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'
import type { Place } from '../../../src/core/place.ts'
import type { Store } from '../../../src/core/store.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { put, remove } from '../../conformance/tools.ts'
import { place } from '../tools.ts'
import { type Edit, isInTheWay } from './edits.ts'
import { below, type Item, type Tree, treeOfDisk, treeOfStore } from './tree.ts'

export interface Ground extends AsyncDisposable {
  readonly onDisk: boolean
  /** The tree of that name. */
  at(tree: string): Place
  /** All trees, and what lies beside them. */
  look(): Promise<Tree>
  /** @param fits only names that a disk can have beside one another */
  edit(tree: string, edits: readonly Edit[], fits: boolean): Promise<void>
}

/** Does the edits one by one: on a clock of the test's own each has its time, as a listing of a real store shows it. */
async function editEach(
  edits: readonly Edit[],
  fits: boolean,
  look: () => Promise<Tree>,
  hand: Hand,
): Promise<void> {
  for (const edit of edits) {
    if (vi.isFakeTimers()) vi.setSystemTime(Date.now() + 1000)
    const held = await look()
    const { name } = edit
    const item = held.get(name)
    if (edit.do === 'remove') {
      if (item) await hand.remove(name)
    } else if (edit.do === 'touch') {
      if (item) await hand.write(name, item, edit.time)
    } else if (edit.do === 'swap') {
      const other = held.get(edit.with)
      if (item && other && name !== edit.with) await hand.swap([name, item], [edit.with, other])
    } else {
      for (const one of held.keys()) if (fits && isInTheWay(one, name)) await hand.remove(one)
      if (edit.do === 'link') await hand.write(name, { kind: 'link', body: edit.body }, undefined)
      else {
        const body = name.endsWith('/') ? '' : edit.body
        await hand.write(name, { kind: 'file', body }, edit.time)
      }
    }
  }
}

type Content = Pick<Item, 'kind' | 'body'>
interface Hand {
  write(name: string, content: Content, time: bigint | undefined): Promise<void>
  remove(name: string): Promise<void>
  swap(a: readonly [string, Item], b: readonly [string, Item]): Promise<void>
}

export async function diskGround(): Promise<Ground> {
  const root = await mkdtemp(join(tmpdir(), 'hawser-model-'))
  return {
    onDisk: true,
    at: (tree) => place(localStore(join(root, tree), { durable: false })),
    look: async () => treeOfDisk(root),
    async edit(tree, edits, fits) {
      const top = join(root, tree)
      await mkdir(top, { recursive: true })
      await editEach(edits, fits, async () => treeOfDisk(top), handOn(top, join(root, 'new')))
    },
    [Symbol.asyncDispose]: async () => rm(root, { recursive: true, force: true }),
  }
}

/** Each file is a new one: a change within one tick of the system's clock has another inode. */
function handOn(top: string, temporary: string): Hand {
  return {
    async write(name, { kind, body }, time) {
      if (kind === 'directory') return
      if (kind === 'link') await symlink(body, temporary)
      else await writeFile(temporary, body)
      const seconds = time === undefined ? undefined : Number(time / 1_000_000_000n)
      if (seconds !== undefined)
        await (kind === 'link' ? lutimes : utimes)(temporary, seconds, seconds)
      await mkdir(dirname(join(top, name)), { recursive: true })
      await rename(temporary, join(top, name))
    },
    remove: async (name) => rm(join(top, name), { recursive: true, force: true }),
    async swap([a], [b]) {
      await rename(join(top, a), temporary)
      await rename(join(top, b), join(top, a))
      await rename(temporary, join(top, b))
    },
  }
}

export function bucketGround(store: Store, prefix: string): Ground {
  return {
    onDisk: false,
    at: (tree) => place(store, `${prefix}${tree}/`),
    look: async () => treeOfStore(store, prefix),
    async edit(tree, edits, fits) {
      const top = `${prefix}${tree}/`
      const look = async (): Promise<Tree> => below(await treeOfStore(store, top), '')
      await editEach(edits, fits, look, handIn(store, top))
    },
    async [Symbol.asyncDispose]() {},
  }
}

function handIn(store: Store, top: string): Hand {
  const write = async (name: string, body: string, time: bigint | undefined): Promise<void> => {
    const attributes = time === undefined ? {} : { mtime: time }
    await put(store, top + name, body, { attributes })
  }
  return {
    write: async (name, { body }, time) => write(name, body, time),
    async remove(name) {
      await remove(store, top + name)
    },
    async swap([a, first], [b, second]) {
      await write(a, second.body, second.own)
      await write(b, first.body, first.own)
    },
  }
}
