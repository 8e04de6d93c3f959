import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CheckFile, type CheckHeader } from '../../../src/cli/report/check-file.ts'
import type { Checked, CheckTotals, HawserEvent } from '../../../src/core/events.ts'
import { failure } from '../../conformance/tools.ts'
import { temporaryDirectory } from '../../transfer/tools.ts'

const golden = join(import.meta.dirname, '..', '..', 'golden', 'check-v1.jsonl')
const format = join(import.meta.dirname, '..', '..', '..', 'docs', 'formats', 'check.md')

const header: CheckHeader = {
  a: '/data',
  b: 's3://bucket/data',
  oneWay: false,
  by: 'digest',
  started: new Date('2026-11-21T10:00:00Z'),
}

function checked(verdict: Checked['verdict'], name: string, size: number, more = {}): HawserEvent {
  const nothing = { by: undefined, expected: undefined, found: undefined, reason: undefined }
  return { type: 'checked', address: `/${name}`, ...nothing, verdict, name, size, ...more }
}

const totals: CheckTotals = {
  equal: 1,
  differing: 2,
  onlyInA: 1,
  onlyInB: 1,
  intact: 0,
  damaged: 0,
  unproven: 0,
  skipped: 1,
  failed: 1,
  bytes: 5,
  traffic: { requests: { list: 1 }, sent: 0, received: 12 },
  milliseconds: 1500,
}

const crcs = { by: 'crc64nvme', expected: 'ae8b14860a799888', found: '00000000000000ff' }
const events: readonly HawserEvent[] = [
  { type: 'start', command: 'check', from: '/data', to: 's3://bucket/data', dryRun: false },
  checked('equal', 'a', 5, { by: 'etag' }),
  checked('differs', 'b/\n', 5, { by: 'size', expected: '5', found: '6' }),
  checked('differs', 'c', 12, crcs),
  checked('only-in-a', 'd', 1),
  checked('only-in-b', 'e', 0),
  checked('skipped', 'link', 6, { reason: 'a symbolic link' }),
  checked('error', 'secret', 9, { reason: 'access denied' }),
  { type: 'check-summary', audit: false, totals },
]

test('version 1, as it is described', async () => {
  const path = join(await temporaryDirectory(), 'report')
  {
    using file = new CheckFile(path, header)
    for (const event of events) file.take(event)
  }
  const written = await readFile(path, 'utf8')
  expect(written).toBe(await readFile(golden, 'utf8'))
  const described = /^```json\n(.*?)^```$/ms.exec(await readFile(format, 'utf8'))?.[1]
  expect(described).toBe(written)
})

test('whole or not there, and the old one stays until then', async () => {
  const directory = await temporaryDirectory()
  const path = join(directory, 'report')
  await writeFile(path, 'old')
  const interrupted = (): void => {
    using file = new CheckFile(path, header)
    for (const event of events.slice(0, -1)) file.take(event)
    throw new Error('interrupted')
  }
  expect(interrupted).toThrow('interrupted')
  expect(await readdir(directory)).toEqual(['report'])
  expect(await readFile(path, 'utf8')).toBe('old')
})

test('a link is followed, and a device stays what it is', async () => {
  const directory = await temporaryDirectory()
  const at = (name: string): string => join(directory, name)
  const [file, link, device] = [at('file'), at('link'), at('device')]
  await writeFile(file, 'old')
  await symlink(file, link)
  await symlink('/dev/null', device)
  for (const path of [link, device]) {
    using report = new CheckFile(path, header)
    for (const event of events) report.take(event)
  }
  expect(await readFile(file, 'utf8')).toBe(await readFile(golden, 'utf8'))
  for (const path of [link, device]) expect((await lstat(path)).isSymbolicLink()).toBe(true)
})

test('much of it, in order', async () => {
  const path = join(await temporaryDirectory(), 'report')
  {
    using file = new CheckFile(path, header)
    for (let i = 0; i < 20_000; i++) file.take(checked('equal', `name-${i}`, i))
    for (const event of events.slice(-1)) file.take(event)
  }
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines.length).toBe(20_002)
  for (let i = 0; i < 20_000; i += 999)
    expect(JSON.parse(lines[i + 1] ?? '')).toEqual({ verdict: 'equal', name: `name-${i}`, size: i })
})

test('where it cannot be is told before anything is checked', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'taken'))
  const opening = async (name: string): Promise<void> => {
    using file = new CheckFile(join(directory, name), header)
    for (const event of events) file.take(event)
  }
  await failure(opening('none/report'), 'local-io')
  await failure(opening('taken'), 'local-io')
  expect(await readdir(directory)).toEqual(['taken'])
})
