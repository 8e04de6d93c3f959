// Beside rclone on one bucket: what the one has brought there or back, the other has nothing to do with.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, lstatSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf, MiB } from '../conformance/tools.ts'
import { describeClient, installClients } from '../servers/clients.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { rcloneCommand } from './clients/rclone.ts'
import { hawser, type Summary, summaryOf, userOf } from './hawser.ts'
import { makeOddTree, treeDifferences } from './trees.ts'

const clients = await installClients()
const runFile = promisify(execFile)

describeS3(
  'rclone',
  (endpoint) => {
    describeClient(clients, 'rclone', (client) => {
      let folder: string
      let tree: string
      const objects = 22
      let states = 0

      /** Hawser, with a state that knows nothing yet unless one is given. */
      const sync = async (
        argv: readonly string[],
        state = `state-${++states}`,
      ): Promise<Summary & { readonly state: string }> => {
        const env = userOf(endpoint, join(folder, state))
        const run = await hawser(['sync', '--json', ...argv], { cwd: folder, env })
        expect(run.stderr).toBe('')
        expect(run.code).toBe(0)
        return { ...summaryOf(run), state }
      }
      const rclone = async (...argv: string[]): Promise<Told> => {
        const { command, env } = rcloneCommand(client, endpoint, folder)
        // Else it takes two forms of one name for one object.
        const names = '--no-unicode-normalization'
        const more = [names, '-v', '--use-json-log', '--stats', '1h']
        const { stderr } = await runFile(command, [...argv, ...more], { cwd: folder, env })
        return told(stderr)
      }
      const bucket = async (): Promise<string> => {
        const name = createBucketName()
        await rclone('mkdir', `t:${name}`)
        return name
      }
      const nothingForRclone = async (from: string, to: string, ...more: string[]) => {
        const dry = await rclone('sync', '--dry-run', from, to, ...more)
        expect(dry).toEqual({ objects: [], transfers: 0, bytes: 0, checks: objects })
        const real = await rclone('copy', from, to, ...more)
        expect(real).toEqual({ objects: [], transfers: 0, bytes: 0, checks: objects })
        // Fails where the bytes of an object differ, or one has none.
        await rclone('check', '--download', from, to)
      }
      /** rclone keeps none; without a state nothing is known of those that are there. */
      const onlyDirectories = async (argv: readonly string[]): Promise<void> => {
        const directories = 10
        const first = await sync(['--delete', ...argv])
        expect(first).toMatchObject({ ...nothing, copied: directories, traffic: { sent: 0 } })
        const second = await sync(['--delete', ...argv], first.state)
        expect(second).toMatchObject(nothing)
        expect(Object.keys(second.traffic.requests)).toEqual(['list'])
      }
      /** Neither with a state that knows nothing, nor with what that run has learned. */
      const nothingForHawser = async (argv: readonly string[]): Promise<void> => {
        const same = { ...nothing, unchanged: objects }
        const first = await sync(['--delete', ...argv])
        expect(first).toMatchObject({ ...same, traffic: { sent: 0 } })
        const second = await sync(['--delete', ...argv], first.state)
        expect(second).toMatchObject(same)
        expect(Object.keys(second.traffic.requests)).toEqual(['list'])
      }

      beforeAll(() => {
        folder = mkdtempSync(join(tmpdir(), 'hawser-rclone-'))
        tree = join(folder, 'tree')
        makeOddTree(tree)
        writeFileSync(join(tree, 'big.bin'), bytesOf(20 * MiB, 7))
        const times = { a: '@1600000000.123456789', 'a-b': '@-86400.25', 'a.b': '@-1.000000001' }
        for (const [name, time] of Object.entries(times))
          execFileSync('touch', ['-d', time, join(tree, name)])
        expect(lstatSync(join(tree, 'a'), { bigint: true }).mtimeNs % 1000n).toBe(789n)
        // rclone passes over links, or makes something else of them.
        for (const link of ['link', 'dir/dangling', 'dir/to-directory'])
          unlinkSync(join(tree, link))
      })
      afterAll(() => rmSync(folder, { recursive: true, force: true }))

      describe.each(['5M', '8M', '16M'])('with parts of %s', (size) => {
        test('after hawser', async () => {
          const name = await bucket()
          const sent = await sync(['--part-size', size, 'tree', `s3://${name}`])
          expect(sent).toMatchObject({ copied: objects, failed: 0 })
          await nothingForRclone('tree', `t:${name}`)
          await nothingForHawser(['tree', `s3://${name}`])

          const back = `hawser-${size}`
          await sync([`s3://${name}`, back])
          // What Node's double of seconds loses.
          await nothingForRclone(`t:${name}`, back, '--modify-window', '1us')
        })

        test('after rclone', async () => {
          const name = await bucket()
          const sent = await rclone('sync', '--s3-chunk-size', size, 'tree', `t:${name}`)
          expect(sent.transfers).toBe(objects)
          await nothingForHawser(['tree', `s3://${name}`])

          const back = `rclone-${size}`
          await rclone('sync', `t:${name}`, back)
          await nothingForHawser([`s3://${name}`, back])
          expect(await treeDifferences(tree, join(folder, back))).toEqual([])
        })
      })

      test('with attributes, after hawser', async () => {
        const name = await bucket()
        await sync(['-a', 'tree', `s3://${name}`])
        await nothingForRclone('tree', `t:${name}`, '--metadata')
        const again = await sync(['--delete', '-a', 'tree', `s3://${name}`])
        expect(again).toMatchObject({ ...nothing, traffic: { sent: 0 } })

        await rclone('sync', '--metadata', `t:${name}`, 'metadata')
        const modes = { modes: true }
        expect(await treeDifferences(tree, join(folder, 'metadata'), modes)).toEqual([])
        const empty = 4 // directories that rclone does not bring
        const more = await sync(['-a', `s3://${name}`, 'metadata'])
        expect(more).toMatchObject({ ...nothing, copied: empty, bytes: 0, unchanged: objects + 6 })
      })

      test('with attributes, after rclone', async () => {
        const name = await bucket()
        await rclone('sync', '--metadata', 'tree', `t:${name}`)
        await onlyDirectories(['-a', 'tree', `s3://${name}`])
        await nothingForRclone('tree', `t:${name}`, '--metadata')

        await sync(['-a', `s3://${name}`, 'archive'])
        const all = { modes: true, directories: true }
        expect(await treeDifferences(tree, join(folder, 'archive'), all)).toEqual([])
        await nothingForRclone(`t:${name}`, 'archive', '--metadata', '--modify-window', '1us')
      })
    })
  },
  ['ceph20'],
)

/** What Hawser says of a run in which nothing is to be done. */
const nothing = { copied: 0, updated: 0, removed: 0, failed: 0 }

/** What rclone says that it did. */
interface Told {
  /** Each with what was done to it, or would be. */
  readonly objects: readonly string[]
  readonly transfers: number
  readonly bytes: number
  readonly checks: number
}

interface LogLine {
  readonly msg: string
  readonly object?: string
  readonly stats?: Pick<Told, 'transfers' | 'bytes' | 'checks'>
}

function told(log: string): Told {
  const lines = log
    .trim()
    .split('\n')
    .map((line): LogLine => JSON.parse(line))
  const { transfers, bytes, checks } = lines.findLast(({ stats }) => stats)?.stats ?? {
    transfers: Number.NaN,
    bytes: Number.NaN,
    checks: Number.NaN,
  }
  const objects = lines.flatMap(({ object, msg }) =>
    object === undefined ? [] : `${object}: ${msg}`,
  )
  return { objects, transfers, bytes, checks }
}
