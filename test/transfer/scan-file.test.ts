import { appendFileSync, copyFileSync, renameSync, truncateSync, utimesSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scanner } from '../../src/delta/scanner.ts'
import { scanFile } from '../../src/transfer/scan-file.ts'
import { pseudoRandom } from '../kernels/bytes.ts'
import { temporaryDirectory } from './tools.ts'

const average = 64 * 1024
const input = pseudoRandom(5 * 2 ** 20 + 3)

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, bytes)
  return path
}

/** A file of zeros that no test waits for the end of. */
async function endlessFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'endless')
  await using file = await open(path, 'w')
  await file.truncate(2 ** 40)
  return path
}

test.each([1, 2, 3])('a scan by %i threads is that of the bytes', async (threads) => {
  const path = await fileOf(input)
  const scan = await scanFile(path, { average, threads, segment: 2 ** 20 })
  expect(scan).toEqual(new Scanner(average).update(input).finish())
})

test('a file of no bytes has no chunks', async () => {
  const { size, chunks } = await scanFile(await fileOf(new Uint8Array()), { average })
  expect([size, chunks.count]).toEqual([0, 0])
})

describe.each([
  ['this thread', 1],
  ['threads', 2],
])('by %s', (_name, threads) => {
  const segment = 1000

  test.each<[name: string, change: (path: string) => void]>([
    ['got longer', (path) => appendFileSync(path, 'x')],
    ['got shorter', (path) => truncateSync(path, 70_000)],
    ['was touched', (path) => utimesSync(path, 1, 1)],
    [
      'was replaced',
      (path) => {
        copyFileSync(path, `${path}.new`)
        renameSync(`${path}.new`, path)
      },
    ],
  ])('a file that %s meanwhile is a conflict', async (_change, change) => {
    const path = await fileOf(input.subarray(0, 100_000))
    const options = {
      average,
      segment,
      /** Asked for when the file has been looked at, and not read yet. */
      get threads() {
        change(path)
        return threads
      },
    }
    await expect(scanFile(path, options)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('a scan that is interrupted ends', async () => {
    const path = await endlessFile()
    const controller = new AbortController()
    const options = {
      average,
      segment: 2 ** 26,
      signal: controller.signal,
      get threads() {
        setImmediate(() => controller.abort())
        return threads
      },
    }
    await expect(scanFile(path, options)).rejects.toMatchObject({ code: 'interrupted' })
    await expect(scanFile(path, { ...options, threads })).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  test('an error of the system is passed on', async () => {
    const directory = await temporaryDirectory()
    const scan = scanFile(directory, { average, segment: 10, threads })
    await expect(scan).rejects.toMatchObject({ code: 'EISDIR', syscall: 'read' })
  })

  test('an average that there is not is refused', async () => {
    const scan = scanFile(await fileOf(input), { average: 1000, segment: 2 ** 20, threads })
    await expect(scan).rejects.toThrow(RangeError)
  })
})

test('a file that is not there is the system’s error', async () => {
  const scan = scanFile(join(await temporaryDirectory(), 'absent'), { average })
  await expect(scan).rejects.toMatchObject({ code: 'ENOENT' })
})
