import {
  appendFileSync,
  copyFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
} from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { toKey } from '../../../src/core/key.ts'
import type { WithFile } from '../../../src/core/store.ts'
import type { Scan } from '../../../src/delta/chunks.ts'
import { Scanner } from '../../../src/delta/scanner.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { scanFile, type FileScanOptions } from '../../../src/transfer/delta/scan-file.ts'
import { ScanThreads } from '../../../src/transfer/delta/scan-threads.ts'
import { failure } from '../../conformance/tools.ts'
import { pseudoRandom } from '../../kernels/bytes.ts'
import { temporaryDirectory } from '../tools.ts'

const average = 64 * 1024
const input = pseudoRandom(5 * 2 ** 20 + 3)
const key = toKey('file')

interface File {
  readonly path: string
  readonly withFile: WithFile
  readonly scan: (options: Partial<FileScanOptions>) => Promise<Scan>
}

async function fileOf(bytes: Uint8Array): Promise<File> {
  const directory = await temporaryDirectory()
  const path = join(directory, 'file')
  await writeFile(path, bytes)
  const { withFile } = localStore(directory)
  if (!withFile) throw new Error('a directory has files')
  const scan: File['scan'] = (options) =>
    withFile(key, (opened) => scanFile(opened, { average, ...options }))
  return { path, withFile, scan }
}

/** A file of zeros that no test waits for the end of. */
async function endlessFile(): Promise<File> {
  const made = await fileOf(new Uint8Array())
  await using file = await open(made.path, 'w')
  await file.truncate(2 ** 40)
  return made
}

test.each([1, 2, 3])('a scan by %i threads is that of the bytes', async (count) => {
  const threads = new ScanThreads(count)
  const any = fc.record({
    size: fc.integer({ min: 0, max: 2 ** 21 }),
    average: fc.constantFrom(average, 2 * average),
    segment: fc.integer({ min: 200_000, max: 2 ** 20 }),
  })
  const property = fc.asyncProperty(any, async ({ size, ...options }) => {
    const bytes = input.subarray(0, size)
    const { scan } = await fileOf(bytes)
    const expected = new Scanner(options.average).update(bytes).finish()
    expect(await scan({ threads, ...options })).toEqual(expected)
  })
  await threads.during(() => fc.assert(property, { numRuns: 10 }))
})

test('scans at once share the threads, and each is its own', async () => {
  const threads = new ScanThreads(2)
  const inputs = [input, input.subarray(7), input.subarray(0, 2 ** 21)]
  const files = await Promise.all(inputs.map(fileOf))
  const scans = await Promise.all(files.map(({ scan }) => scan({ threads, segment: 2 ** 19 })))
  expect(scans).toEqual(inputs.map((bytes) => new Scanner(average).update(bytes).finish()))
})

test('what has been scanned is told, up to all of it', async () => {
  const told: number[] = []
  const { scan } = await fileOf(input)
  await scan({ segment: 2 ** 20, onScanned: (bytes) => told.push(bytes) })
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(told.length).toBeGreaterThan(4)
  expect(told.at(-1)).toBe(input.length)
})

test.each<[name: string, change: (path: string) => void, code: ErrorCode]>([
  ['got longer', (path) => appendFileSync(path, 'x'), 'precondition-failed'],
  ['got shorter', (path) => truncateSync(path, 70_000), 'precondition-failed'],
  ['was touched', (path) => utimesSync(path, 1, 1), 'precondition-failed'],
  [
    'was replaced',
    (path) => {
      copyFileSync(path, `${path}.new`)
      renameSync(`${path}.new`, path)
    },
    'precondition-failed',
  ],
  [
    'became a link to itself, elsewhere',
    (path) => {
      renameSync(path, `${path}.old`)
      symlinkSync(`${path}.old`, path)
    },
    'precondition-failed',
  ],
  ['was renamed', (path) => renameSync(path, `${path}.old`), 'not-found'],
])('a file that %s meanwhile is not scanned', async (_change, change, code) => {
  const { path, scan } = await fileOf(input)
  let changed = false
  const onScanned = (): void => {
    if (!changed) change(path)
    changed = true
  }
  await failure(scan({ segment: 2 ** 20, onScanned }), code)
})

test('a scan that is interrupted ends, and others go on with their threads', async () => {
  const threads = new ScanThreads(2)
  const [endless, finite] = [await endlessFile(), await fileOf(input)]
  const controller = new AbortController()
  const { signal } = controller
  const onScanned = (): void => controller.abort()
  const scans = [endless.scan({ threads, signal, onScanned }), finite.scan({ threads })] as const
  await failure(scans[0], 'interrupted')
  expect(await scans[1]).toEqual(new Scanner(average).update(input).finish())
  await failure(endless.scan({ threads, signal }), 'interrupted')
})

test('an error of the system is the store’s', async () => {
  const { withFile } = await fileOf(input)
  const error = await failure(
    withFile(key, async ({ size }) => scanFile({ fd: 2 ** 20, size }, { average })),
    'local-io',
  )
  expect(error.address).toMatch(/\/file$/)
})

test('an average that there is not is refused', async () => {
  const { scan } = await fileOf(input)
  await expect(scan({ average: 1000, segment: 2 ** 20 })).rejects.toThrow(RangeError)
})

test.each([
  ['is not there', '/nowhere/scan-worker.mjs'],
  ['fails', import.meta.filename],
])('where the code of the threads %s, that is unsupported', async (_name, path) => {
  const { scan } = await fileOf(input)
  const threads = new ScanThreads(2, pathToFileURL(path))
  await failure(scan({ threads, segment: 2 ** 20 }), 'unsupported')
})
