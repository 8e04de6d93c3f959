// `hawser serve s3 s3://bucket/prefix/`: a server in front of another one.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { s3Store } from '../../src/stores/s3/store.ts'
import { getText, keys as keysOf } from '../conformance/tools.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { s3Options } from '../stores/s3/open.ts'
import { hawser, summaryOf, userOf, type Run } from './hawser.ts'
import { serving, type Serving } from './server.ts'
import { treeDifferences } from './trees.ts'

const secret = 'a-secret-of-the-tests'
const keys = ['--access-key', 'tester', '--secret-key', secret]
const runFile = promisify(execFile)
const MiB = 1024 * 1024

describeS3(
  'a server in front of another one',
  (endpoint) => {
    const behind = createBucketName()
    let folder: string
    let env: Record<string, string>
    let server: Serving
    const backing = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })
    const own = (): Record<string, string> => ({
      ...env,
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: 'tester',
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_REGION: 'us-east-1',
    })
    const client = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env: own() })
    const start = (): Promise<Serving> =>
      serving([`s3://${behind}/shared/`, ...keys, '-v'], { cwd: folder, env })

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-gateway-'))
      env = userOf(endpoint, folder)
      for (let i = 0; i < 30; i++) {
        const path = join(folder, 'tree', `d${i % 3}`, `file ${i}.txt`)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, `content ${i}`)
      }
      writeFileSync(join(folder, 'tree', 'empty'), '')
      writeFileSync(join(folder, 'tree', 'big'), randomBytes(20 * MiB + 7))
      await backing('mb', `s3://${behind}`)
      server = await start()
      await client('mb', 's3://bucket')
    })
    afterAll(async () => {
      await server.stop('SIGKILL')
      await backing('rm', '-r', `s3://${behind}/`)
      await backing('rb', `s3://${behind}`)
      rmSync(folder, { recursive: true, force: true })
    })

    test('a tree goes through it and comes back, large objects in parts', async () => {
      const sent = await client('sync', 'tree', 's3://bucket/tree', '--part-size', '8M', '--json')
      expect(sent.stderr).toBe('')
      expect(summaryOf(sent)).toMatchObject({ copied: 32, failed: 0 })
      expect(summaryOf(sent).traffic.requests['part']).toBe(3)
      const again = await client('sync', 'tree', 's3://bucket/tree', '--json')
      expect(summaryOf(again)).toMatchObject({ copied: 0, unchanged: 32 })
      expect(await client('sync', 's3://bucket/tree', 'back')).toMatchObject({ code: 0 })
      expect(await treeDifferences(join(folder, 'tree'), join(folder, 'back'))).toEqual([])
    })

    test('objects lie behind it at their names, below the prefix', async () => {
      await using store = s3Store(s3Options(endpoint, behind))
      const names = await keysOf(store, '')
      expect(names).toContain('shared/bucket/tree/d0/file 0.txt')
      expect(names).toContain('shared/bucket/tree/big')
      expect(names.filter((name) => !name.startsWith('shared/bucket/tree/'))).toEqual([])
      expect(await getText(store, 'shared/bucket/tree/d1/file 1.txt')).toBe('content 1')
    })

    test('what is put behind it is served', async () => {
      await backing('cp', join('tree', 'd2', 'file 2.txt'), `s3://${behind}/shared/other/by-hand`)
      expect(await client('cat', 's3://other/by-hand')).toMatchObject({ stdout: 'content 2' })
      expect((await client('ls', 's3://')).stdout).toMatch(/ bucket\n.* other\n/)
    })

    test('copies are made inside it, and what is removed is gone behind it', async () => {
      const copied = await client('cp', 's3://bucket/tree/big', 's3://bucket/copy', '--json')
      expect(summaryOf(copied)).toMatchObject({
        copied: 1,
        traffic: { requests: { copy: 1 }, sent: 0 },
      })
      await client('cp', 's3://bucket/copy', 'copy')
      const bytes = readFileSync(join(folder, 'copy'))
      expect(bytes.equals(readFileSync(join(folder, 'tree', 'big')))).toBe(true)
      expect(await client('rm', 's3://bucket/copy')).toMatchObject({ code: 0 })
      expect(await backing('stat', `s3://${behind}/shared/bucket/copy`)).toMatchObject({ code: 4 })
    })

    test('keys that are no paths are kept', async () => {
      const odd = ['a//b', '../up', 'x', 'x/y', './.']
      for (const key of odd) {
        const put = await hawser(['cp', '-', `s3://bucket/${key}`], { env: own(), input: key })
        expect(put).toMatchObject({ code: 0 })
      }
      for (const key of odd)
        expect(await client('cat', `s3://bucket/${key}`)).toMatchObject({ stdout: key })
    })

    test('what it knows survives the end of it', async () => {
      const before = await client('stat', '--json', 's3://bucket/tree/big')
      expect((await server.stop()).code).toBe(0)
      server = await start()
      expect(await client('stat', '--json', 's3://bucket/tree/big')).toEqual(
        expect.objectContaining({ code: 0, stdout: before.stdout }),
      )
    })

    test('it keeps no versions, and says so', async () => {
      const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
      const signing = ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `tester:${secret}`]
      const payload = ['-H', 'x-amz-content-sha256: UNSIGNED-PAYLOAD', '-X', 'PUT', '--data', body]
      const url = `${server.url}/bucket?versioning=`
      const { stdout } = await runFile('curl', [
        '-sS',
        ...signing,
        ...payload,
        '-w',
        '%{http_code}',
        url,
      ])
      expect(stdout).toMatch(/<Code>NotImplemented<\/Code>.*501$/s)
    })

    test('without its bucket it does not start', async () => {
      const run = await backing('serve', 's3', `s3://${createBucketName()}/`, '--listen', '0')
      expect(run).toMatchObject({ code: 4, stdout: '' })
      expect(run.stderr).toContain('does not exist')
      expect(readdirSync(folder)).not.toContain('.hawser')
    })
  },
  ['hawser', 'ceph20'],
)
