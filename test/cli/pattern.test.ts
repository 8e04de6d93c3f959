import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandIn, records, type Result } from './commands/tools.ts'

const files = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'c.bin': 'c',
  'x[1].txt': 'x\n',
  'logs/1/p.gz': '1',
  'logs/2/q.gz': '22',
  'logs/2/q.txt': 'q\n',
}

function names(result: Result): string[] {
  return result.out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^.*\d\d:\d\d:\d\d {2}| +- +\S* *\S* {2}/, ''))
}

test('ls: names relative to what is in front of the pattern, directories too', async () => {
  const { hawser } = await commandIn(files)
  expect(names(await hawser(['ls', '@/*.txt']))).toEqual(['a.txt', 'b.txt', 'x[1].txt'])
  expect(names(await hawser(['ls', '@/l*']))).toEqual(['logs/'])
  expect(names(await hawser(['ls', '-r', '@/l*/2']))).toEqual(['logs/2/q.gz', 'logs/2/q.txt'])
  expect(names(await hawser(['ls', '@/logs/**/*.gz']))).toEqual(['1/p.gz', '2/q.gz'])
  expect(names(await hawser(['ls', '--regex', '\\d/.*z', '@/logs']))).toEqual(['1/p.gz', '2/q.gz'])
  expect(records(await hawser(['ls', '--json', '@/logs/1/*']))).toMatchObject([{ key: 'p.gz' }])
})

test('what exists is what it is; else --literal says so', async () => {
  const { root, hawser } = await commandIn(files)
  expect((await hawser(['cat', '@/x[1].txt'])).out).toBe('x\n')
  expect((await hawser(['cat', '@/x\\[1\\].*'])).out).toBe('x\n')
  const pattern = await hawser(['ls', '@/y[1].txt'])
  expect(pattern).toMatchObject({ code: 4, out: '' })
  expect(pattern.err).toContain(`${root}: nothing matches y[1].txt\n  Where * ? [ and {`)
  const literal = await hawser(['ls', '--literal', '@/y[1].txt'])
  expect(literal).toMatchObject({ code: 4, out: '' })
  expect(literal.err).toContain('y[1].txt: nothing is there')
  expect(await hawser(['ls', '--regex', 'y.*', '@/'])).toMatchObject({ code: 4 })
  expect(await hawser(['ls', '@/none/*'])).toMatchObject({ code: 4 })
  expect(await hawser(['ls', '--regex', '(', '@/'])).toMatchObject({ code: 2, out: '' })
})

test('a pattern in all buckets is refused', async () => {
  const { hawser } = await commandIn()
  const environment = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
  for (const argv of [['s3://*/x'], ['--regex', 'a', 's3://']])
    expect(await hawser(['ls', ...argv], { environment })).toMatchObject({ code: 2, out: '' })
})

test('cat and head: the objects that match', async () => {
  const { root, hawser } = await commandIn(files)
  expect(await hawser(['cat', '@/{b,a}.txt', '@/c.bin'])).toEqual({
    code: 0,
    out: 'a\nb\nc',
    err: '',
  })
  expect((await hawser(['cat', '--range', '0-0', '@/logs/*/*.gz'])).out).toBe('12')
  const missing = await hawser(['cat', '@/a.txt', '@/*.none'])
  expect(missing).toMatchObject({ code: 4, out: 'a\n' })
  expect((await hawser(['head', '-c1', '@/logs/2/*'])).out).toBe(
    `==> ${root}/logs/2/q.gz <==\n2\n==> ${root}/logs/2/q.txt <==\nq`,
  )
  expect((await hawser(['head', '-q', '--regex', '2/.*', '@/logs'])).out).toBe('22q\n')
  expect(await hawser(['cat', '@/l*'])).toMatchObject({ code: 4, out: '' })
})

test('du: each match by itself, and nothing twice', async () => {
  const { root, hawser } = await commandIn(files)
  const told = async (...argv: string[]): Promise<unknown[]> =>
    records(await hawser(['du', '--json', ...argv])).map((row) => row)
  expect(await told('@/l*/*')).toMatchObject([
    { address: `${root}/logs/1/`, bytes: 1, objects: 1 },
    { address: `${root}/logs/2/`, bytes: 4, objects: 2 },
  ])
  expect(await told('@/{logs,c*}/**')).toMatchObject([{ address: `${root}/logs/`, objects: 3 }])
  expect(await told('@/?.*')).toMatchObject([{ bytes: 2 }, { bytes: 2 }, { bytes: 1 }])
  expect(await hawser(['du', '@/*.none', '@/c.bin'])).toMatchObject({
    code: 4,
    out: expect.stringContaining(`${root}/c.bin\n`),
  })
})

test('rm: objects that match, and directories only with -r', async () => {
  const { root, hawser } = await commandIn(files)
  const there = (name: string): boolean => existsSync(join(root, name))
  expect(await hawser(['rm', '@/l*'])).toMatchObject({ code: 4 })
  expect(await hawser(['rm', '-n', '@/*.txt'])).toMatchObject({ code: 0 })
  expect(there('a.txt')).toBe(true)
  expect(await hawser(['rm', '@/{a,b}.*', '@/logs/*/*.txt'])).toMatchObject({ code: 0 })
  expect(['a.txt', 'b.txt', 'logs/2/q.txt'].filter(there)).toEqual([])
  expect(['c.bin', 'x[1].txt', 'logs/2/q.gz'].filter(there).length).toBe(3)
  expect(await hawser(['rm', '@/x[1].txt'])).toMatchObject({ code: 0 })
  expect(there('x[1].txt')).toBe(false)
  expect(await hawser(['rm', '--regex', '\\d/p.*', '@/logs'])).toMatchObject({ code: 0 })
  expect([there('logs/1/p.gz'), there('logs/2/q.gz')]).toEqual([false, true])
  await mkdir(join(root, 'logs/3/empty'), { recursive: true })
  expect(await hawser(['rm', '-r', '@/logs/*'])).toMatchObject({ code: 0 })
  expect([there('logs/2'), there('logs/3'), there('logs')]).toEqual([false, false, true])
  expect(await hawser(['rm', '-r', '@/nothing*'])).toMatchObject({ code: 4 })
  expect(there('c.bin')).toBe(true)
})
