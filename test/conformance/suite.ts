// One suite for every store and every layer: what the Store port promises, as tests.
// A store states its profile; the first test holds it to that, so a facet that got lost fails instead of skipping.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectProperties, Store, Traits } from '../../src/core/store.ts'
import { attributeTests } from './attributes.ts'
import { bucketTests } from './buckets.ts'
import { copyTests } from './copy.ts'
import { keyTests } from './keys.ts'
import { listTests } from './list.ts'
import { multipartTests } from './multipart.ts'
import { propertyTests } from './properties.ts'
import { readTests } from './read.ts'
import { removeTests } from './remove.ts'
import { renameTests } from './rename.ts'
import { signalTests } from './signals.ts'
import { writeTests } from './write.ts'

/** What a store promises. */
export interface Profile {
  readonly traits: Traits
  readonly multipart: boolean
  readonly copyPart: boolean
  readonly copy: boolean
  readonly rename: boolean
  /** Parts lie at their offsets, and can be read back before the object is complete. */
  readonly readPart: boolean
  readonly buckets: boolean
  readonly lineage: boolean
  readonly withFile: boolean
  readonly archive: boolean
  readonly setAttributes: boolean
  /** To how many nanoseconds modification times are kept; undefined where they are not. */
  readonly mtime: bigint | undefined
  /** Permission bits are kept. */
  readonly mode: boolean
  /** User metadata and content types are kept. */
  readonly metadata: boolean
  /** Which properties are kept; any other is refused. */
  readonly properties: readonly (keyof ObjectProperties)[]
  /** Owners and extended attributes are kept as they are given; on a file system both are the system's matter. */
  readonly owners: boolean
  /** Sources are read to their very end before anything becomes visible. */
  readonly readsToEnd: boolean
}

export interface Opened {
  /** Fresh and empty. */
  readonly store: Store
  /** Removes what was made for it. */
  readonly close?: () => Promise<void>
}

/** What each group of tests gets: the store once it is open, and a prefix of its own for each test. */
export interface Bench {
  readonly profile: Profile
  readonly store: Store
  /** `t1/`, `t2/` … */
  prefix(): string
}

export function conformance(name: string, profile: Profile, open: () => Promise<Opened>): void {
  let opened: Opened | undefined
  let prefixes = 0
  const bench: Bench = {
    profile,
    get store() {
      if (!opened) throw new Error('the store is open only inside tests')
      return opened.store
    },
    prefix: () => `t${++prefixes}/`,
  }

  describe(name, () => {
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => {
      await opened?.store[Symbol.asyncDispose]()
      await opened?.close?.()
    })

    test('is what its profile says', () => {
      const { store } = bench
      expect({
        traits: store.traits,
        multipart: store.multipart !== undefined,
        copyPart: store.multipart?.copyPart !== undefined,
        copy: store.copy !== undefined,
        rename: store.rename !== undefined,
        readPart: store.multipart?.readPart !== undefined,
        buckets: store.buckets !== undefined,
        lineage: store.lineage !== undefined,
        withFile: store.withFile !== undefined,
        archive: store.archive !== undefined,
        setAttributes: store.setAttributes !== undefined,
      }).toEqual({
        traits: profile.traits,
        multipart: profile.multipart,
        copyPart: profile.copyPart,
        copy: profile.copy,
        rename: profile.rename,
        readPart: profile.readPart,
        buckets: profile.buckets,
        lineage: profile.lineage,
        withFile: profile.withFile,
        archive: profile.archive,
        setAttributes: profile.setAttributes,
      })
    })

    describe('keys', () => keyTests(bench))
    describe('list', () => listTests(bench))
    describe('read', () => readTests(bench))
    describe('write', () => writeTests(bench))
    describe('remove', () => removeTests(bench))
    describe('attributes', () => attributeTests(bench))
    describe('properties', () => propertyTests(bench))
    describe('signals', () => signalTests(bench))
    if (profile.copy) describe('copy', () => copyTests(bench))
    if (profile.rename) describe('rename', () => renameTests(bench))
    if (profile.multipart) describe('multipart', () => multipartTests(bench))
    if (profile.buckets) describe('buckets', () => bucketTests(bench))
  })
}
