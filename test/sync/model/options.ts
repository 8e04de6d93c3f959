// Random options of a run.
import * as fc from 'fast-check'
import { nameOf } from './edits.ts'
import type { Options } from './reference.ts'

export interface Chosen {
  /** Times are those of the source's objects, by number, so that they meet the very time of one. */
  readonly options: Omit<Options, 'newerThan' | 'olderThan'> & {
    readonly newerThan: number | undefined
    readonly olderThan: number | undefined
  }
  readonly backups: 'below' | 'beside' | undefined
}

const patterns = [
  '*',
  '*.tmp',
  'a',
  '/a',
  'a/',
  'a*',
  'a/*',
  '/d/e',
  'd/',
  'd/**',
  'd/***',
  '**/x.tmp',
  'e/f',
  'b/?',
  '?',
  '.*',
  '*/',
  '[a-z]0',
  'é',
]
const rule = fc.oneof(
  {
    weight: 15,
    arbitrary: fc
      .tuple(fc.constantFrom('-', '-', '+', 'H', 'S', 'P', 'R'), fc.constantFrom(...patterns))
      .map((both) => both.join(' ')),
  },
  { weight: 1, arbitrary: fc.constant('!') },
)

export interface Scope {
  /** A disk takes part: it cannot have all names, and its times are not exact. */
  readonly fits: boolean
  /** The source may have symbolic links. */
  readonly links: boolean
  /** A service takes part: one that repeats in XML what it is asked for, and cannot say all names so. */
  readonly service: boolean
}

export function chosenOf(scope: Scope): fc.Arbitrary<Chosen> {
  return fc.record({
    options: optionsOf(scope),
    backups: rarely(20, fc.constantFrom('below' as const, 'beside' as const)),
  })
}

function optionsOf({ fits, links, service }: Scope): fc.Arbitrary<Chosen['options']> {
  const flag = (percent: number): fc.Arbitrary<true | undefined> =>
    rarely(percent, fc.constant(true))
  const size = fc.constantFrom(0, 1, 2, 299)
  return fc.record({
    delete: fc.boolean(),
    deleteExcluded: flag(20),
    archive: flag(15),
    rules: rarely(40, fc.array(rule, { minLength: 1, maxLength: 4 })),
    maxSize: rarely(8, size),
    minSize: rarely(8, size),
    newerThan: rarely(8, fc.nat(9)),
    olderThan: rarely(8, fc.nat(9)),
    sizeOnly: flag(10),
    checksum: flag(15),
    compareMetadata: flag(15),
    exactTimestamps: flag(10),
    modifyWindow: rarely(10, fc.constantFrom(...(fits ? [] : [0n]), 1_000_000_000n)),
    update: flag(12),
    ignoreExisting: flag(8),
    existing: flag(8),
    filesFrom: rarely(12, fc.array(listedName(fits, service), { maxLength: 5 })),
    ignoreMissingArgs: flag(30),
    deleteMissingArgs: flag(20),
    maxDelete: rarely(15, fc.constantFrom<(number | `${number}%`)[]>(0, 1, 3, '50%', '100%')),
    links: links
      ? fc.constantFrom(undefined, 'skip' as const, 'preserve' as const)
      : fc.constant(undefined),
  })
}

function listedName(fits: boolean, service: boolean): fc.Arbitrary<string> {
  const unfit = service ? /^\/|\/\/|\.\.|\uffff/ : /^\/|\/\/|\.\./
  const plain = nameOf(fits).filter((name) => !unfit.test(name))
  return fc.oneof(plain, fc.constantFrom('b', 'd', 'd/e'))
}

function rarely<T>(percent: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
    { weight: percent, arbitrary },
  )
}
