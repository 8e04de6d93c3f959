import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { UsageAt } from '../../../src/cli/command.ts'
import { usageLines, usageRecord } from '../../../src/cli/report/usage.ts'
import { commandIn, records } from './tools.ts'

test('a total for each address, after what lies in it', async () => {
  const { root, hawser } = await commandIn({ 't/a/1': '12345', 't/a/2': '1', 't/3': '', x: '12' })
  expect(await hawser(['du', '--depth', '1', '@/t', '@/x'])).toEqual({
    code: 0,
    out: [
      `            6          2  ${root}/t/a/`,
      `            6          3  ${root}/t`,
      `            2          1  ${root}/x`,
      '',
    ].join('\n'),
    err: '',
  })
  expect((await hawser(['du', '--human', '@/t'])).out).toBe(`      6 B          3  ${root}/t\n`)
  expect(records(await hawser(['du', '--json', '@/t']))).toEqual([
    { type: 'usage', address: `${root}/t`, depth: 0, bytes: 6, objects: 3 },
  ])
})

test('one address that is not there does not keep the others from being told', async () => {
  const { root, hawser } = await commandIn({ x: '12' })
  const both = await hawser(['du', '@/none', '@/x'])
  expect(both).toMatchObject({ code: 4, out: `            2          1  ${root}/x\n` })
  expect(both.err).toContain(`${root}/none: nothing is there`)
  expect(await hawser(['du', '@/none'])).toMatchObject({ code: 4, out: '' })
  expect(await hawser(['du', 's3://'], { environment: keys })).toMatchObject({ code: 2 })
})
const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

test('what cannot be listed is named', async () => {
  const { root, hawser } = await commandIn({ b: 'b' })
  await writeFile(Buffer.concat([Buffer.from(join(root, 'caf')), Buffer.of(0xe9)]), '')
  const { code, err } = await hawser(['du', '@/'])
  expect(code).toBe(2)
  expect(err).toContain("a name is not UTF-8: $'caf\\xe9'")
})

const row: UsageAt = {
  address: 's3://bucket/\u001b',
  depth: 0,
  objects: 3,
  bytes: 3000,
  classes: new Map([
    ['STANDARD', { objects: 1, bytes: 1000 }],
    ['GLACIER', { objects: 2, bytes: 2000 }],
  ]),
}

test('classes by themselves', () => {
  expect(usageLines(row, { byClass: true, human: false }, true).split('\n')).toEqual([
    '         2000          2  GLACIER              s3://bucket/\\x1b',
    '         1000          1  STANDARD             s3://bucket/\\x1b',
    '         3000          3  all                  s3://bucket/\\x1b',
  ])
  expect(usageRecord(row)).toMatchObject({ classes: { GLACIER: { objects: 2, bytes: 2000 } } })
})
