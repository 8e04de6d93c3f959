import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { commandIn } from './tools.ts'

test.each([
  ['upload', '@/a', '@/b', 'from here to a store: @/b is no store'],
  ['upload', 's3://bucket/a', '@/b', 'from here to a store: s3://bucket/a is not here'],
  ['download', '@/a', 's3://bucket/b', 'from a store to here: @/a is in none'],
  ['download', 's3://bucket/a', 's3://bucket/b', 'from a store to here: s3://bucket/b is not here'],
])('%s %s %s is the other way', async (command, from, to, says) => {
  const { root, hawser } = await commandIn({ a: 'x' })
  const { code, err } = await hawser([command, from, to])
  expect(code).toBe(2)
  expect(err).toContain(`${command} copies ${says.replace('@', root)}`)
  expect(await readdir(root)).toEqual(['a'])
})

test.each(['--report', '--prices', '--max-transfer', '--max-duration'])(
  '%s is not for standard input',
  async (option) => {
    const { root, hawser } = await commandIn()
    const { code, err } = await hawser(['cp', option, '5', '-', '@/a'])
    expect(code).toBe(2)
    expect(err).toContain('not for standard input')
    expect(await readdir(root)).not.toContain('a')
  },
)
