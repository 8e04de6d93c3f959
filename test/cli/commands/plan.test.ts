import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SyncValues } from '../../../src/cli/syncing.ts'
import { type S3Server, serveS3 } from '../../../src/serve/server.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'
import { put } from '../../conformance/tools.ts'
import { commandIn, records } from './tools.ts'

const files = { 'src/a': 'a', 'src/d/b': 'bb', 'dst/extra': 'extra' }

test('a plan in a file, and what it does', async () => {
  const { root, hawser } = await commandIn(files)
  const made = await hawser(['plan', '--delete', '@/src', '@/dst', '-o', '@/plan'])
  expect(made).toMatchObject({ code: 0 })
  expect(made.out).toContain(`would copy ${root}/dst/a (1 B)\n`)
  expect(made.err).toMatch(/would copy 2 objects \(3 B\), would remove 1 object .* 0 unchanged/)
  const dry = await hawser(['apply', '-n', '@/plan'])
  expect(dry).toMatchObject({ code: 0 })
  expect(dry.out.split('\n').toSorted()).toEqual(made.out.split('\n').toSorted())
  const applied = await hawser(['apply', '--json', '--report', '@/report', '@/plan'])
  expect(applied).toMatchObject({ code: 0, err: '' })
  expect(records(applied)[0]).toMatchObject({ type: 'start', command: 'apply' })
  expect(records(applied).at(-1)).toMatchObject({ summary: { copied: 2, removed: 1 } })
  expect(await readFile(join(root, 'dst/d/b'), 'utf8')).toBe('bb')
  const report: unknown = JSON.parse(await readFile(join(root, 'report'), 'utf8'))
  expect(report).toMatchObject({ command: 'apply', exitCode: 0 })
  const again = await hawser(['apply', '@/plan'])
  expect(again.err).toMatch(/nothing to do in .*, 3 unchanged, 0 failed/)
})

test('a plan on standard output', async () => {
  const { hawser } = await commandIn(files)
  const made = await hawser(['plan', '@/src', '@/dst'])
  expect(made).toMatchObject({ code: 0 })
  const [first, ...others] = records(made)
  expect(first).toMatchObject({ format: 'hawser-plan', version: 1, counts: { copied: 2 } })
  expect(others).toMatchObject([{ name: 'a' }, { name: 'd/b' }, { end: { actions: 2 } }])
  expect(made.err).toMatch(/would copy 2 objects/)
})

test('drift is named, and ends with 6', async () => {
  const { root, hawser } = await commandIn(files)
  await hawser(['plan', '--delete', '@/src', '@/dst', '-o', '@/plan'])
  await writeFile(join(root, 'src/a'), 'changed')
  const applied = await hawser(['apply', '@/plan'])
  expect(applied.code).toBe(6)
  expect(applied.err).toContain(`hawser: ${root}/src/a: the source is not what the plan says\n`)
  expect(applied.err).toMatch(/nothing was removed/)
})

test.each<[string[], number, string]>([
  [['plan', '--json', '@/src', '@/dst'], 2, '--json needs -o'],
  [['plan', '@/src', '@/dst', '-o', '@/none/plan'], 9, 'the plan cannot be written'],
  [['plan', '@/src', '@/dst', '-o', '@/src'], 9, 'the plan cannot be written'],
  [['plan', '@/none', '@/dst', '-o', '@/plan'], 4, 'none'],
  [['apply', '@/none'], 9, 'the plan cannot be read: there is no such file'],
  [['apply', '@/src/a'], 2, 'not a whole plan'],
  [['apply', '@/src'], 2, 'it is not a file'],
])('%j', async (argv, code, message) => {
  const { hawser } = await commandIn(files)
  const said = await hawser(argv)
  expect(said.code).toBe(code)
  expect(said.err).toContain(message)
})

test('where something fails there is none, and the exit code tells', async () => {
  const { root, hawser } = await commandIn({ ...files, names: 'a\nmissing\n' })
  const argv = ['plan', '--files-from', '@/names', '@/src', '@/dst']
  const [shown, kept] = [await hawser(argv), await hawser([...argv, '-o', '@/plan'])]
  expect(shown).toMatchObject({ code: 4, out: '' })
  expect(shown.err).toContain('no plan was written, because 1 failed')
  expect(kept.code).toBe(4)
  await expect(rm(join(root, 'plan'))).rejects.toThrow('ENOENT')
})

/** What is told to an apply, or the reading of another option. */
type Elsewhere =
  | 'dryRun'
  | 'failOnConflict'
  | 'from0'
  | 'maxDuration'
  | 'maxTransfer'
  | 'prices'
  | 'report'
  // Only of a bucket to a bucket, over TLS.
  | 'sseCSourceKeyFile'
/** Each option that decides, and what it goes with. */
const deciding: Readonly<
  Record<Exclude<keyof SyncValues, Elsewhere>, readonly [given: string, beside?: string]>
> = {
  acl: ['--acl private'],
  archive: ['--archive'],
  backupDir: ['--backup-dir s3://bucket/kept'],
  blockSize: ['--block-size 64K'],
  cacheControl: ['--cache-control no-cache'],
  checksum: ['--checksum'],
  compareMetadata: ['--compare-metadata'],
  compress: ['--compress'],
  compression: ['--compression gzip', '--compress'],
  contentDisposition: ['--content-disposition inline'],
  contentEncoding: ['--content-encoding br'],
  contentType: ['--content-type text/plain'],
  createBucket: ['--create-bucket'],
  delete: ['--delete'],
  deleteExcluded: ['--delete-excluded', '--delete'],
  deleteMissingArgs: ['--delete-missing-args', '--files-from @/names'],
  deltaThreshold: ['--delta-threshold 1M'],
  exactTimestamps: ['--exact-timestamps'],
  existing: ['--existing'],
  filesFrom: ['--files-from @/names'],
  gitignore: ['--gitignore'],
  ignoreExisting: ['--ignore-existing'],
  ignoreFile: ['--ignore-file @/names'],
  ignoreMissingArgs: ['--ignore-missing-args', '--files-from @/names'],
  links: ['--links copy'],
  maxDelete: ['--max-delete 7'],
  maxSize: ['--max-size 7M'],
  metadata: ['--metadata a=b'],
  minSize: ['--min-size 1'],
  modifyWindow: ['--modify-window 2s'],
  newerThan: ['--newer-than 2020-01-01'],
  noDedupeCopy: ['--no-dedupe-copy'],
  noDelta: ['--no-delta'],
  noRenames: ['--no-renames'],
  noSidecar: ['--no-sidecar'],
  numericIds: ['--numeric-ids', '--archive'],
  olderThan: ['--older-than 1s'],
  rules: ['--exclude *.tmp'],
  sizeOnly: ['--size-only'],
  skipVanished: ['--skip-vanished'],
  sse: ['--sse AES256'],
  sseKmsKeyId: ['--sse-kms-key-id one', '--sse aws:kms'],
  storageClass: ['--storage-class STANDARD_IA'],
  tags: ['--tags a=b'],
  update: ['--update'],
  verify: ['--verify'],
  xattrs: ['--xattrs', '--archive'],
}

describe('every option that decides is in the first line', () => {
  let server: S3Server
  let ledger = ''
  /** What is told without the option. */
  const plain = new Map<string, unknown>()
  beforeAll(async () => {
    const memory = memoryStore()
    await put(memory, 'bucket/other', '')
    ledger = await mkdtemp(join(tmpdir(), 'hawser-plan-'))
    server = await serveS3(memory, { ledger })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(ledger, { recursive: true })
  })

  test.each(Object.entries(deciding))('%s: %j', async (_, [given, beside = '']) => {
    const { hawser } = await commandIn({ ...files, names: 'a\n' })
    const [user] = server.credentials
    const environment = {
      AWS_ACCESS_KEY_ID: user?.accessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: user?.secretAccessKey.reveal() ?? '',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: server.url,
    }
    async function told(options: string): Promise<unknown> {
      const argv = ['plan', ...options.split(' ').filter(Boolean), '@/src', 's3://bucket/x']
      const made = await hawser(argv, { environment })
      expect(made).toMatchObject({ code: 0 })
      const first: unknown = records(made)[0]
      expect(first).toMatchObject({ options: {}, selection: {} })
      const { options: decided, selection } = Object(first)
      return { decided, selection }
    }
    const without = plain.get(beside) ?? (await told(beside))
    plain.set(beside, without)
    expect(await told(`${beside} ${given}`)).not.toEqual(without)
  })
})
