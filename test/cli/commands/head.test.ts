import { expect, test } from 'vitest'
import { head } from '../../../src/cli/commands/head.ts'
import type { Context } from '../../../src/cli/command.ts'
import { RunMeter } from '../../../src/core/meter.ts'
import type { Store } from '../../../src/core/store.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { put, readAll } from '../../conformance/tools.ts'
import { place } from '../../sync/tools.ts'
import { commandIn } from './tools.ts'

/** What it writes of one object, and the bytes that it had sent for it. */
async function headOf(
  store: Store,
  key: string,
  given: Record<string, string>,
): Promise<{ text: string; received: number }> {
  const meter = new RunMeter()
  // Of what a handler is given, what this one uses.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const context = {
    environment: {},
    options: { quiet: false },
    signal: new AbortController().signal,
    meter,
    open: async () => place(store, key),
  } as unknown as Context
  const outcome = await head.run([key], given, context)
  if (outcome.kind !== 'bytes') throw new Error(outcome.kind)
  const text = Buffer.from(await readAll(outcome.bytes)).toString()
  return { text, received: meter.totals().received }
}

const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join('')

function suite(open: () => Promise<Store>): void {
  test('reads no more than what holds the lines, or the bytes', async () => {
    await using store = await open()
    await put(store, 'long', lines)
    const ten = await headOf(store, 'long', {})
    expect(ten.text).toBe(lines.split('\n').slice(0, 10).join('\n').concat('\n'))
    expect(ten.received).toBeLessThanOrEqual(65_536)
    const bytes = await headOf(store, 'long', { bytes: '1K' })
    expect(bytes).toEqual({ text: lines.slice(0, 1024), received: 1024 })
  })

  test('finds lines far behind, and the end where there are fewer', async () => {
    await using store = await open()
    await put(store, 'long', lines)
    const many = await headOf(store, 'long', { lines: '40000' })
    expect(many.text).toBe(lines.split('\n').slice(0, 40_000).join('\n').concat('\n'))
    expect((await headOf(store, 'long', { lines: '60000' })).text).toBe(lines)
    expect((await headOf(store, 'long', { bytes: '1G' })).text).toBe(lines)
  })

  test('of nothing there is nothing', async () => {
    await using store = await open()
    await put(store, 'empty', '')
    await put(store, 'one', 'no line break')
    for (const given of [{}, { lines: '0' }, { bytes: '0' }, { bytes: '5' }])
      expect(await headOf(store, 'empty', given)).toEqual({ text: '', received: 0 })
    expect((await headOf(store, 'one', {})).text).toBe('no line break')
    expect((await headOf(store, 'one', { lines: '0' })).text).toBe('')
  })
}

suite(async () => memoryStore())
describeS3('head', (endpoint) => suite(async () => openBucket(endpoint)))

test('several are named, but with -q', async () => {
  const { root, hawser } = await commandIn({ a: '1\n2\n', b: '3' })
  expect(await hawser(['head', '-n', '1', '@/a', '@/b'])).toEqual({
    code: 0,
    out: `==> ${root}/a <==\n1\n\n==> ${root}/b <==\n3`,
    err: '',
  })
  expect((await hawser(['head', '-q', '-n1', '@/a', '@/b'])).out).toBe('1\n3')
  expect((await hawser(['head', '-c', '3', '@/a'])).out).toBe('1\n2')
})

test('what it cannot do is refused', async () => {
  const { hawser } = await commandIn({ 'tree/a': 'a' })
  expect(await hawser(['head', '@/tree'])).toMatchObject({ code: 2, out: '' })
  expect(await hawser(['head', '@/none'])).toMatchObject({ code: 4, out: '' })
  expect(await hawser(['head', '-c', '1', '-n', '1', '@/tree/a'])).toMatchObject({ code: 2 })
  expect(await hawser(['head', '-n', 'x', '@/tree/a'])).toMatchObject({ code: 2 })
})
