import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Trail } from '../../src/filter/trail.ts'
import { withDirectories } from './tools.ts'

test('each directory is entered once, on the way to the first name in it', () => {
  const entered: string[] = []
  const trail = new Trail<string>((directory, above) => {
    entered.push(directory)
    return `${above ?? ''}>${directory}`
  })
  expect(trail.above('a')).toBe('>')
  expect(trail.above('a/')).toBe('>')
  expect(trail.above('a/b/c')).toBe('>>a/>a/b/')
  expect(trail.above('a/b/d')).toBe('>>a/>a/b/')
  expect(trail.above('a/c')).toBe('>>a/')
  expect(trail.above('a/c/d')).toBe('>>a/>a/c/')
  expect(trail.above('ab')).toBe('>')
  expect(trail.above('b//c')).toBe('>>b/>b//')
  expect(entered).toEqual(['', 'a/', 'a/b/', 'a/c/', 'b/', 'b//'])
})

function enter(directory: string, above = ''): string {
  return `${above}>${directory}`
}

/** The directories that a name is in, from the root on. */
function parents(name: string): string[] {
  return ['', ...withDirectories([name]).filter((other) => other !== name)]
}

test('names in any order, and directories that take a while, come to the same', async () => {
  const name = fc
    .array(fc.constantFrom('a', 'b', '', '\u{1f600}'), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 12 }), async (names) => {
      const now = new Trail<string>(enter)
      const later = new Trail<string>(async (directory, above) => enter(directory, above))
      for (const one of names) {
        const expected = parents(one)
          .map((directory) => `>${directory}`)
          .join('')
        expect(now.above(one)).toBe(expected)
        expect(await later.above(one)).toBe(expected)
      }
      // Also asked for at once.
      expect(await Promise.all(names.map(async (one) => later.above(one)))).toEqual(
        names.map((one) => now.above(one)),
      )
    }),
  )
})
