// The server is killed at random moments while clients write: what it answered is there, what it did not is old or new.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { textOf } from '../../src/wire/xml.ts'
import { TestClient } from '../serve/client.ts'
import { startSupervised } from '../servers/supervised.ts'
import { checkKey, checkUpload, holdings } from './killed/check.ts'
import { Worker } from './killed/worker.ts'

const rounds = 20
const buckets = ['plain', 'versioned']
const program = join(import.meta.dirname, '../servers/programs/serve-s3.ts')

/** A server over the directory, and what speaks to it. */
async function start(folder: string) {
  const state = mkdtempSync(join(folder, 'process-'))
  const command = [process.execPath, program, join(folder, 'data')]
  const env = { MAIN: 'tester testing', OTHER: 'other other' }
  const server = await startSupervised('serve s3', state, command, env)
  return { url: server.ready, kill: async () => server.stop() }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Those that were begun and never answered are in the list, too. */
async function abortAll(s3: TestClient, bucket: string): Promise<void> {
  const { xml } = await s3.done('GET', bucket, { query: { uploads: '' } })
  for (const element of xml.children.filter(({ name }) => name === 'Upload')) {
    const uploadId = textOf(element, 'UploadId') ?? ''
    await s3.done('DELETE', `${bucket}/${textOf(element, 'Key')}`, { query: { uploadId } })
  }
}

test('killed while it is written to', { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-killed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'data'))
  let server = await start(folder)
  onTestFinished(async () => server.kill())

  let answers = 0
  let enough = Promise.withResolvers<void>()
  let wanted = Infinity
  const onAnswer = (): void => {
    if (++answers >= wanted) enough.resolve()
  }
  const clients: TestClient[] = []
  const clientOf = (url: string): TestClient => {
    const client = new TestClient(Date.now, 'us-east-1')
    client.start({ url })
    clients.push(client)
    return client
  }
  let s3 = clientOf(server.url)
  const workers = Array.from({ length: 3 }, (_, i) => new Worker(`client-${i}`, onAnswer))
  for (const bucket of buckets) await s3.done('PUT', bucket)
  await s3.versioning('versioned', 'Enabled')

  for (let round = 0; round < rounds; round++) {
    answers = 0
    wanted = 10 + Math.random() * 40
    enough = Promise.withResolvers()
    const working = Promise.all(workers.map(async (worker) => worker.work(s3)))
    await Promise.race([enough.promise, working])
    await delay(Math.random() * 20)
    await server.kill()
    await working
    s3.stop()
    server = await start(folder)
    s3 = clientOf(server.url)
    for (const bucket of buckets) {
      const found = await holdings(s3, bucket)
      for (const key of workers
        .flatMap(({ keys }) => keys)
        .filter((each) => each.bucket === bucket)) {
        checkKey(key, found.get(key.name) ?? [])
        found.delete(key.name)
      }
      expect([...found.keys()]).toEqual([])
    }
    for (const worker of workers) {
      const going = await Promise.all(worker.uploads.map(async (upload) => checkUpload(s3, upload)))
      worker.uploads = worker.uploads.filter((_, i) => going[i])
    }
  }

  // Uploads come to their end, and what nobody needs is gone when the server has started once more.
  for (const worker of workers) await worker.finish(s3)
  for (const bucket of buckets) await abortAll(s3, bucket)
  await server.kill()
  s3.stop()
  const data = join(folder, 'data')
  const old = new Date(Date.now() - 3 * 86_400_000)
  const temporary = filesBelow(data).filter((file) => file.includes('/.hawser-'))
  for (const file of temporary) utimesSync(file, old, old)
  server = await start(folder)
  const hidden = join(data, '.hawser/s3')
  const kept = workers.flatMap(({ keys }) => keys).flatMap(({ state }) => state)
  const objects = kept.filter(({ content }) => content).length
  await vi.waitFor(
    () => {
      const all = filesBelow(data)
      expect(all.filter((file) => file.includes('/.hawser-'))).toEqual([])
      expect(all.filter((file) => file.startsWith(join(hidden, 'parts/')))).toEqual([])
      const own = all.filter((file) => !/\/s3\/(ledger\.sqlite|locks\/)/.test(file))
      expect(own).toHaveLength(objects)
    },
    { timeout: 10_000 },
  )
  for (const client of clients) client.stop()
})
