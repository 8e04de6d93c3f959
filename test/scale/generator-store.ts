// A store of as many small objects as one wants, which takes no memory: they are made as they are listed.
import { compareKeys, type Key, toKey } from '../../src/core/key.ts'
import type { Entry, ListOptions, Store } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { storeWith } from '../transfer/tools.ts'

const perDirectory = 1000

/** @param name tells it from others @param count objects, in directories of 1,000 */
export function generatorStore(name: string, count: number): Store {
  const empty = memoryStore()
  async function* list(prefix: Key, { after, signal }: ListOptions = {}): AsyncGenerator<Entry> {
    for (let i = 0; i < count; i++) {
      const entry = entryAt(i)
      if (!entry.key.startsWith(prefix)) continue
      if (after !== undefined && compareKeys(entry.key, after) <= 0) continue
      // As pages come: a store that never waits would starve timers and signals.
      if (i % perDirectory === 0) {
        await new Promise(setImmediate)
        signal?.throwIfAborted()
      }
      yield entry
    }
  }
  return storeWith(empty, { location: { ...empty.location, root: name }, list })
}

function entryAt(index: number): Entry {
  const directory = String(Math.floor(index / perDirectory)).padStart(6, '0')
  const key = toKey(`data/${directory}/object-${String(index % perDirectory).padStart(4, '0')}.bin`)
  return {
    key,
    kind: 'file',
    size: 4096 + (index % 100),
    modified: 1_700_000_000_000_000_000n,
    etag: `"${index.toString(16).padStart(32, '0')}"`,
  }
}
