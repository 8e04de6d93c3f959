// Random trees: what is done to them by hand between two runs.
import * as fc from 'fast-check'

export type Edit =
  | {
      readonly do: 'put'
      readonly name: string
      readonly body: string
      readonly time: bigint | undefined
    }
  | { readonly do: 'link'; readonly name: string; readonly body: string }
  | { readonly do: 'touch'; readonly name: string; readonly time: bigint }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'swap'; readonly name: string; readonly with: string }

const everywhere = [
  'a',
  'a/b',
  'a/c',
  'a-',
  'a0',
  'A',
  'b/\uffff',
  'b/\u{10000}',
  'b/\u{1f600}/x',
  'd/e/f/g/h',
  'd/e/x.tmp',
  'd/ /y',
  'x.tmp',
  'é',
  'e\u0301',
  ' ',
  'z\n',
  '.hidden',
]
const onlyInBuckets = ['a//b', '../x', '/']

const second = 1_000_000_000n
const times = [1_000_000_000n, 1_000_000_001n, 1_500_000_000n].map((time) => time * second)

/** @param fits names that a disk can have, which knows no `a` beside an `a/b` */
export function editsOf(fits: boolean, links: boolean): fc.Arbitrary<Edit> {
  const name = nameOf(fits)
  const time = fc.constantFrom(...times)
  const body = fc.constantFrom('', 'x', 'y', 'xx', 'yy', 'zz', 'z'.repeat(300))
  const put = fc.record({
    do: fc.constant('put' as const),
    name,
    body,
    time: fc.option(time, { nil: undefined }),
  })
  const others: fc.WeightedArbitrary<Edit>[] = [
    { weight: 2, arbitrary: fc.record({ do: fc.constant('touch' as const), name, time }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('swap' as const), name, with: name }) },
  ]
  if (links) {
    const to = fc.constantFrom('x', 'yy', 'a', 'd/e', '/nowhere')
    others.push({
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('link' as const), name, body: to }),
    })
  }
  return fc.oneof({ weight: 6, arbitrary: put }, ...others)
}

export function nameOf(fits: boolean): fc.Arbitrary<string> {
  return fc.constantFrom(...everywhere, ...(fits ? [] : onlyInBuckets))
}

/** The names that a disk cannot have beside this one. */
export function isInTheWay(name: string, of: string): boolean {
  return name.startsWith(`${of}/`) || of.startsWith(`${name}/`)
}
