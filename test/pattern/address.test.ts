import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type PatternOptions, splitAddress } from '../../src/pattern/address.ts'
import { temporaryDirectory } from '../transfer/tools.ts'

function split(text: string, options?: PatternOptions): [address: string, pattern?: string] {
  const { address, pattern } = splitAddress(text, options)
  return pattern ? [address, pattern.text] : [address]
}

test.each([
  ['s3://b/logs/2026-*/*.gz', ['s3://b/logs/', '2026-*/*.gz']],
  ['s3://b/*', ['s3://b/', '*']],
  ['S3://b/*', ['s3://b/', '*']],
  ['s3://b', ['s3://b']],
  ['s3://', ['s3://']],
  ['s3://b/a?b=c#d', ['s3://b/', 'a?b=c#d']],
  ['s3://b/a\\?b', ['s3://b/a?b']],
  ['s3://b/a\\b', ['s3://b/a\\b']],
  ['-', ['-']],
  ['*.txt', ['./', '*.txt']],
  ['./no-such-*', ['./', 'no-such-*']],
  ['/no-such/x/*', ['/no-such/x/', '*']],
  ['/*', ['/', '*']],
  ['no-such-\\*', ['no-such-*']],
  ['file:///a/*', ['file:///a/*']],
  ['file:///a/b?c', ['file:///a/b?c']],
])('%s', (text, expected) => {
  expect(split(text)).toEqual(expected)
  expect(split(text, { literal: true })).toEqual([text])
})

test('with a regular expression the address is what it is', () => {
  expect(split('s3://b/a*/', { regex: '.*' })).toEqual(['s3://b/a*/', '.*'])
  expect(split('s3://b/a*/', { regex: '.*', literal: true })).toEqual(['s3://b/a*/', '.*'])
  expect(split('s3://b/', { regex: '' })).toEqual(['s3://b/', ''])
})

test('a local name that exists is that name', async () => {
  const root = await temporaryDirectory()
  await mkdir(join(root, 'd[1]'))
  await writeFile(join(root, 'a*b'), '')
  expect(split(`${root}/a*b`)).toEqual([`${root}/a*b`])
  expect(split(`${root}/d[1]/`)).toEqual([`${root}/d[1]/`])
  expect(split(`${root}/d[1]/*`)).toEqual([`${root}/`, 'd[1]/*'])
  expect(split(`${root}/a*`)).toEqual([`${root}/`, 'a*'])
  expect(split(`${root}/${'*'.repeat(300)}`)).toEqual([`${root}/`, '*'.repeat(300)])
})

test.each(['s3://b*/x', 'az://c/*', 's3:*', 'a\0*', '\ud800*'])('%j is no address', (text) => {
  expect(() => splitAddress(text)).toThrow(/not a valid|not supported/)
})
