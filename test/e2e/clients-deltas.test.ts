// Objects that other programs sent have no signature: what was appended to them is sent, not all of them, and a dry run
// tells it before.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import type { Store } from '../../src/core/store.ts'
import { openState } from '../../src/state/state.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { s3Store } from '../../src/stores/s3/store.ts'
import { copy } from '../../src/sync/copy.ts'
import type { RunResult } from '../../src/sync/report.ts'
import { bytesOf, expectSame, get, MiB } from '../conformance/tools.ts'
import { describeClient, installClients } from '../servers/clients.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { s3Options } from '../stores/s3/open.ts'
import { edited } from '../transfer/delta/tools.ts'
import { KiB } from '../transfer/tools.ts'
import { makers } from './clients/makers.ts'

const least = 5 * MiB
const old = bytesOf(21 * MiB + 123, 5)
const edits: readonly [name: string, bytes: Uint8Array][] = [
  ['appended', edited(old, old.length, 0, bytesOf(1000, 6))],
  ['inserted', edited(old, 0, 0, Buffer.from('x'))],
]

const clients = await installClients()

describeS3(
  'objects of other clients',
  (endpoint) => {
    let folder: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-others-'))
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    for (const [name, make] of makers)
      describeClient(clients, name, (command) => {
        test('what was appended is sent, as the dry run tells', async () => {
          const client = make(command, endpoint, folder)
          for (const [edit, bytes] of edits) {
            const bucket = createBucketName()
            const source = join(folder, bucket)
            mkdirSync(source)
            writeFileSync(join(source, 'big'), old)
            await client.makeBucket(bucket)
            await client.upload(source, bucket)
            await using store = s3Store(s3Options(endpoint, bucket))
            await using local = localStore(source)
            const { etag } = await store.stat(toKey('big'))
            expect(etag).toMatch(/-\d+"$/)
            writeFileSync(join(source, 'big'), bytes)
            const dry = await cp(local, store, true)
            const real = await cp(local, store, false)
            expectSame(await get(store, 'big'), bytes)
            expect(real.summary).toMatchObject({ failed: 0, saved: dry.summary.saved })
            expect(real.predicted).toEqual(dry.predicted)
            const { sent = 0, saved = 0 } = dry.predicted?.bytes ?? {}
            expect(sent + saved).toBe(bytes.length)
            const more = (real.actual?.bytes.sent ?? 0) - sent
            expect(more).toBeGreaterThanOrEqual(0)
            expect(more).toBeLessThan(64 * KiB)
            if (edit === 'appended') expect(sent).toBeLessThan(least + 1000)
            if (edit === 'inserted') expect(sent).toBe(bytes.length)
          }
        })
      })

    async function cp(from: Store, to: Store, dryRun: boolean): Promise<RunResult> {
      const directory = mkdtempSync(join(folder, 'state-'))
      await using state = await openState(directory)
      const delta = { threshold: 8 * MiB, average: 64 * KiB, sidecars: false }
      const key = toKey('big')
      return await copy(
        [{ store: from, prefix: key }],
        { store: to, prefix: key },
        { state, delta, dryRun },
      )
    }
  },
  ['ceph20', 'hawser'],
)
