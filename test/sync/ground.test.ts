import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Entry } from '../../src/core/store.ts'
import type { Candidate, Decision } from '../../src/sync/decide.ts'
import { Ground } from '../../src/sync/ground.ts'

/**
 * What becomes of names: plain ones are only at the source, those after a `-` only at the destination and to be
 * removed, those after a `=` stay there. Directories that are not kept come after a `~`.
 */
function settled(...texts: string[]): string[] {
  const ground = new Ground(true)
  const steps = texts.flatMap((text) => ground.add(...decided(text)))
  return [...steps, ...ground.end()].map(
    ({ candidate, decision }) => `${decision.do} ${candidate.name}`,
  )
}

function decided(text: string): [Candidate, Decision | undefined] {
  const name = text.replace(/^[-=~]/, '')
  const kind = name.endsWith('/') ? 'directory' : 'file'
  const entry: Entry = { key: toKey(name), kind, size: 0, modified: 0n, etag: undefined }
  const isThere = name !== text
  const candidate: Candidate = {
    name,
    source: isThere ? undefined : entry,
    target: isThere ? entry : undefined,
    row: undefined,
  }
  if (!isThere) return [candidate, { do: 'copy', source: entry }]
  if (text.startsWith('-')) return [candidate, { do: 'remove', target: entry }]
  return [candidate, text.startsWith('~') ? { do: 'nothing' } : undefined]
}

test('a directory goes only with all that is in it', () => {
  expect(settled('-a/', '-a/b/', '-a/b/c', '-d')).toEqual([
    'remove a/b/c',
    'remove a/b/',
    'remove a/',
    'remove d',
  ])
  expect(settled('-a/', '-a/b/', '=a/b/c', '-a/d/', '-a/d/e')).toEqual([
    'remove a/d/e',
    'remove a/d/',
  ])
})

test('nor does one that something comes into: a bucket need not list the directories of its objects', () => {
  expect(settled('-a/', '-a/b/', '-a/b/c/', '-a/b/c/old', 'a/b/c/x')).toEqual([
    'remove a/b/c/old',
    'copy a/b/c/x',
  ])
})

test('a file gives place to a directory, where it goes', () => {
  expect(settled('-a', 'a/', 'a/b', 'a/c/d', 'a0')).toEqual([
    'remove a',
    'replace a/',
    'replace a/b',
    'replace a/c/d',
    'copy a0',
  ])
  expect(settled('=a', 'a/b', 'a0/b')).toEqual(['blocked a/b', 'copy a0/b'])
})

test('a directory gives place to a file, where all of it goes', () => {
  expect(settled('a', '-a/', '-a/b')).toEqual(['remove a/b', 'remove a/', 'replace a'])
  expect(settled('a', '-a/', '-a/b', '=a/c')).toEqual(['remove a/b', 'blocked a'])
  expect(settled('a', '=a/', '-a/b')).toEqual(['remove a/b', 'blocked a'])
})

test('directories that are not kept are removed only where they are in the way', () => {
  expect(settled('a', '~a/', '~a/b/', '-a/c', '~d/', '-d/e')).toEqual([
    'vacate a/b/',
    'remove a/c',
    'vacate a/',
    'replace a',
    'remove d/e',
  ])
})

test('names that come between a file and the directory of its name', () => {
  expect(settled('a', 'a-', '-a-/', '-a.b', '-a/', '-a/x')).toEqual([
    'remove a-/',
    'replace a-',
    'remove a.b',
    'remove a/x',
    'remove a/',
    'replace a',
  ])
  expect(settled('-a', 'a-/b', 'a.b/c', 'a/x')).toEqual([
    'remove a',
    'copy a-/b',
    'copy a.b/c',
    'replace a/x',
  ])
})
