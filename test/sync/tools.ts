// What the tests of the commands share: trees in stores, and what a run made of them.
import { expect } from 'vitest'
import type { Action, HawserEvent } from '../../src/core/events.ts'
import { toKey } from '../../src/core/key.ts'
import type { Place } from '../../src/core/place.ts'
import type { Store } from '../../src/core/store.ts'
import { get, put } from '../conformance/tools.ts'

export function place(store: Store, prefix = ''): Place {
  return { store, prefix: toKey(prefix) }
}

/** Objects that hold their own names. */
export async function fill(store: Store, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await put(store, key)
}

/** All objects and what they hold, as text. */
export async function contents(store: Store, prefix = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { key, kind } of store.list(toKey(prefix))) {
    if (kind !== 'file') continue
    found[key] = Buffer.from(await get(store, key)).toString()
  }
  return found
}

export async function names(store: Store): Promise<string[]> {
  return Object.keys(await contents(store))
}

/** Notes the events of a run. */
export class Events {
  readonly all: HawserEvent[] = []
  readonly sink = (event: HawserEvent): void => {
    this.all.push(event)
  }
  /** The addresses that an action was done to. */
  done(action: Action): string[] {
    return this.all.flatMap((event) =>
      event.type === 'done' && event.action === action ? [event.address] : [],
    )
  }
  expectSummaryLast(): void {
    expect(this.all.filter(({ type }) => type === 'summary').length).toBe(1)
    expect(this.all.at(-1)?.type).toBe('summary')
  }
}
