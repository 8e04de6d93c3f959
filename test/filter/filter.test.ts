// All kinds together: who leaves something out decides.
import { describe, expect, test } from 'vitest'
import { makeFilter } from '../../src/filter/filter.ts'
import type { FilterOptions, Verdict } from '../../src/filter/types.ts'
import { fileEntry, filesOf, noFiles } from './tools.ts'

const open: Verdict = { hidden: false, protected: false }
const hidden: Verdict = { hidden: true, protected: false }
const both: Verdict = { hidden: true, protected: true }

test('without anything to leave out there is no filter', () => {
  for (const options of [
    {},
    { rules: [] },
    { rules: ['- a', '!'] },
    { deleteExcluded: true },
    { gitignore: false, ignoreFiles: [] },
    { ignoreFiles: [{ name: 'x', text: '#' }] },
  ])
    expect(makeFilter(options, noFiles)).toBeUndefined()
})

function judge(options: FilterOptions, ...entries: Parameters<typeof fileEntry>[1][]): unknown {
  const [source, target] = entries.map((facts) => facts && fileEntry('a', facts))
  return makeFilter(options, noFiles)?.judge('a', source, target)
}

describe('sizes and times', () => {
  test.each<[FilterOptions, Parameters<typeof fileEntry>[1], Verdict]>([
    [{ maxSize: 10 }, { size: 10 }, open],
    [{ maxSize: 10 }, { size: 11 }, both],
    [{ minSize: 10 }, { size: 10 }, open],
    [{ minSize: 10 }, { size: 9 }, both],
    [{ maxSize: 0 }, { size: 0 }, open],
    [{ newerThan: 5n }, { modified: 5n }, open],
    [{ newerThan: 5n }, { modified: 4n }, both],
    [{ olderThan: 5n }, { modified: 5n }, open],
    [{ olderThan: 5n }, { modified: 6n }, both],
    [{ minSize: 1, olderThan: 5n }, { size: 1, modified: 6n }, both],
    [{ maxSize: 1, deleteExcluded: true }, { size: 2 }, hidden],
    // These have no size or age that matters.
    [{ minSize: 1 }, { kind: 'directory' }, open],
    [{ minSize: 1 }, { kind: 'symlink' }, open],
    [{ newerThan: 5n }, { kind: 'special' }, open],
  ])('%o of %o', (options, facts, verdict) => {
    expect(judge(options, facts)).toEqual(verdict)
    expect(judge(options, undefined, facts)).toEqual(verdict)
  })

  test("are the source's, where it has the object", () => {
    expect(judge({ maxSize: 1 }, { size: 1 }, { size: 2 })).toEqual(open)
    expect(judge({ maxSize: 1 }, { size: 2 }, { size: 1 })).toEqual(both)
    expect(judge({ minSize: 1 }, { kind: 'symlink' }, { size: 0 })).toEqual(open)
    expect(judge({ minSize: 1 }, undefined, undefined)).toEqual(open)
  })
})

test('kinds add to each other', async () => {
  const filter = makeFilter(
    {
      rules: ['H *.h', 'P *.p', '+ *.o'],
      gitignore: true,
      ignoreFiles: [
        { name: 'ignore', text: '*.i' },
        { name: '.dockerignore', text: '*.d' },
      ],
      maxSize: 1,
    },
    filesOf({ '.gitignore': '*.o' }),
  )
  const verdictOn = async (name: string, size = 0): Promise<Verdict | undefined> =>
    filter?.judge(name, fileEntry(name, { size }), undefined)
  expect(await verdictOn('a')).toEqual(open)
  expect(await verdictOn('a', 2)).toEqual(both)
  expect(await verdictOn('a.h')).toEqual(hidden)
  expect(await verdictOn('a.h', 2)).toEqual(both)
  expect(await verdictOn('a.p')).toEqual({ hidden: false, protected: true })
  // A rule that includes does not take back what another kind leaves out.
  for (const name of ['a.o', 'a.i', 'a.d']) expect(await verdictOn(name)).toEqual(both)
})

function enters(options: FilterOptions, directory: string): unknown {
  const filter = makeFilter(options, noFiles)
  return [filter?.enters(directory, 'source'), filter?.enters(directory, 'target')]
}

test('a walk leaves out what cannot matter', () => {
  expect(enters({ rules: ['- d/'] }, 'd/')).toEqual([false, false])
  expect(enters({ rules: ['- d/'] }, 'd/e/')).toEqual([false, false])
  expect(enters({ rules: ['- d/'] }, 'x/')).toEqual([true, true])
  // What is hidden only may have to be removed; what is protected only is compared.
  expect(enters({ rules: ['H d/'] }, 'd/')).toEqual([false, true])
  expect(enters({ rules: ['P d/'] }, 'd/')).toEqual([true, true])
  expect(enters({ rules: ['- d/'], deleteExcluded: true }, 'd/')).toEqual([false, true])
  expect(enters({ rules: ['H d/', 'P d/'], deleteExcluded: true }, 'd/')).toEqual([false, false])
  expect(enters({ maxSize: 1 }, 'd/')).toEqual([true, true])
})

test('the series of names do not disturb each other', async () => {
  const filter = makeFilter({ rules: ['- /b/'], gitignore: true }, filesOf({ 'c/.gitignore': 'x' }))
  expect(await filter?.enters('b/', 'source')).toBe(false)
  expect(await filter?.enters('c/', 'source')).toBe(true)
  expect(await filter?.judge('a', undefined, undefined)).toEqual(open)
  expect(await filter?.judge('b/x', undefined, undefined)).toEqual(both)
  expect(await filter?.enters('b/', 'target')).toBe(false)
  expect(await filter?.judge('c/x', undefined, undefined)).toEqual(both)
})
