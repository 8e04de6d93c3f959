import { expect, test } from 'vitest'
import { commandIn } from './tools.ts'

test.each([
  [['--block-size', '1M'], '-z excludes deltas'],
  [['--delta-threshold', '5'], '-z excludes deltas'],
  [['--verify'], 'is not read back'],
  [['--content-encoding', 'gzip'], '-z gives objects their Content-Encoding'],
])('-z with %j is refused', async (given, says) => {
  const { hawser } = await commandIn({ a: 'x' })
  for (const compress of [['-z'], ['--compression', 'gzip']]) {
    const { code, err } = await hawser(['cp', ...compress, ...given, '@/a', 's3://bucket/a'])
    expect(code).toBe(2)
    expect(err).toContain(says)
  }
})

test('-z is refused to a directory, from standard input and to standard output', async () => {
  const { hawser } = await commandIn({ a: 'x' })
  for (const [from, to, says] of [
    ['@/a', '@/b', 'on their way to an object store'],
    ['-', 's3://bucket/a', 'not for standard input'],
    ['@/a', '-', 'what goes to a store'],
  ] as const) {
    const { code, err } = await hawser(['cp', '-z', from, to])
    expect(code).not.toBe(0)
    expect(err).toContain(says)
  }
})
