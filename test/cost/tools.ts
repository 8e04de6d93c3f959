// What the tests of costs share: stores at services that charge, and how stores in memory count.
import { readFile } from 'node:fs/promises'
import type { Store } from '../../src/core/store.ts'
import type { RequestShape } from '../../src/cost/requests.ts'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { storeWith } from '../transfer/tools.ts'

export const GB: number = 1024 ** 3
export const MiB: number = 1024 ** 2
export const day = 86_400_000_000_000n

export async function golden(name: string): Promise<string> {
  return readFile(new URL(`../golden/${name}`, import.meta.url), 'utf8')
}

/** An object store at an endpoint, which nobody reaches. */
export function storeAt(endpoint: string, root = 'bucket'): Store {
  const store = memoryStore()
  return storeWith(store, {
    location: { scheme: 's3', endpoint, root },
    setAttributes: undefined,
  })
}

export const amazon = (): Store => storeAt('https://s3.eu-west-1.amazonaws.com')

/** A store in memory is asked for each thing at once. */
export const memoryShape: RequestShape = {
  listed: Infinity,
  removed: 1,
  begin: 'control',
  complete: 'control',
  copy: ['copy'],
  copyCondition: [],
  copyInParts: ['stat'],
  readEmpty: 'read',
}
