// What goes wrong at users' hands: the right exit code and one clear message, never a stack trace or a secret.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, userOf } from './hawser.ts'

describeS3('what goes wrong', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  const run = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-errors-'))
    env = userOf(endpoint, folder)
    await run('mb', `s3://${bucket}`)
    mkdirSync(join(folder, 'tree/sub'), { recursive: true })
    writeFileSync(join(folder, 'tree/file'), 'x'.repeat(3 * 1024 * 1024))
    writeFileSync(join(folder, 'tree/sub/other'), 'other')
    await run('sync', 'tree', `s3://${bucket}/tree`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function expectFailure(result: Run, code: number, ...says: (string | RegExp)[]): void {
    expect(result.stderr).toMatch(/^hawser: /m)
    for (const words of says) expect(result.stderr).toMatch(words)
    expect(result.stderr).not.toMatch(/^\s+at /m)
    expect(result.stderr + result.stdout).not.toContain(endpoint.secretAccessKey)
    expect(result.code).toBe(code)
  }

  test('an unknown flag, command, address, value', async () => {
    expectFailure(await run('sync', '--delet', 'a', 'b'), 2, '--delet', '--delete')
    expectFailure(await run('synk', 'a', 'b'), 2, 'synk', 'sync')
    expectFailure(await run('ls', 'ftp://host/x'), 2, 'ftp')
    expectFailure(await run('sync', 'tree'), 2)
    expectFailure(await run('sync', 'tree', `s3://${bucket}/x`, '--jobs', 'many'), 2, '--jobs')
    expectFailure(await run('sync', 'tree', `s3://${bucket}/x`, '--part-size', '1'), 2, 'part')
  })

  test('a missing bucket, object, directory', async () => {
    expectFailure(await run('ls', 's3://hawser-no-such-bucket'), 4, 'hawser-no-such-bucket')
    expectFailure(
      await run('sync', 'tree', 's3://hawser-no-such-bucket/x'),
      4,
      'hawser-no-such-bucket',
    )
    expectFailure(await run('cat', `s3://${bucket}/nothing`), 4, `s3://${bucket}/nothing`)
    expectFailure(await run('stat', `s3://${bucket}/nothing`), 4)
    expectFailure(await run('rm', `s3://${bucket}/nothing`), 4)
    expectFailure(await run('cp', 'nothing', `s3://${bucket}/x`), 4, 'nothing')
    expectFailure(await run('sync', 'nothing', `s3://${bucket}/x`), 4, 'nothing')
    expectFailure(await run('ls', 'nothing'), 4, 'nothing')
  })

  test('a wrong secret, an unknown key, none at all, another user', async () => {
    const as = (other: Record<string, string>): Promise<Run> =>
      hawser(['ls', `s3://${bucket}`], { env: { ...env, ...other } })
    expectFailure(await as({ AWS_SECRET_ACCESS_KEY: 'wrong' }), 5, /secret/i)
    expectFailure(await as({ AWS_ACCESS_KEY_ID: 'unknown' }), 5, /key/i)
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...without } = env
    expectFailure(await hawser(['ls', `s3://${bucket}`], { env: without }), 5, 'AWS_ACCESS_KEY_ID')
    expectFailure(
      await as({
        AWS_ACCESS_KEY_ID: endpoint.otherAccessKeyId,
        AWS_SECRET_ACCESS_KEY: endpoint.otherSecretAccessKey,
      }),
      5,
      bucket,
    )
    expectFailure(await run('ls', `s3://${bucket}`, '--no-sign-request'), 5)
  })

  test('an endpoint that nobody answers at', async () => {
    const result = await run(
      'ls',
      `s3://${bucket}`,
      '--endpoint',
      'http://127.0.0.1:9',
      '--retries',
      '1',
    )
    expectFailure(result, 8, '127.0.0.1:9')
    expectFailure(
      await run(
        'ls',
        `s3://${bucket}`,
        '--endpoint',
        'http://no-such-host.invalid',
        '--retries',
        '0',
      ),
      8,
      'no-such-host.invalid',
    )
  })

  test('a full disk: nothing half is left', async () => {
    const mount = join(folder, 'small-disk')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount])
    try {
      expectFailure(
        await run('sync', `s3://${bucket}/tree`, join(mount, 'back')),
        9,
        /space/i,
        'file',
      )
      const left = execFileSync('find', [mount, '-type', 'f'], { encoding: 'utf8' })
      expect(left).not.toMatch(/\/file$|\.hawser/m)
    } finally {
      execFileSync('umount', [mount])
    }
  })

  test('a target that is read-only', async () => {
    const mount = join(folder, 'read-only')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mount])
    try {
      expectFailure(await run('sync', `s3://${bucket}/tree`, join(mount, 'back')), 9, /read-only/i)
    } finally {
      execFileSync('umount', [mount])
    }
  })

  test('a directory where a file should be, a file where a directory should be', async () => {
    mkdirSync(join(folder, 'mixed/file/below'), { recursive: true })
    writeFileSync(join(folder, 'mixed/sub'), 'a file')
    const result = await run('sync', `s3://${bucket}/tree`, 'mixed')
    expectFailure(result, result.code ?? 0, 'mixed/file', 'mixed/sub')
    expect(result.code).not.toBe(0)
    expectFailure(await run('cp', 'tree', `s3://${bucket}/x`), 2, '-r')
    expectFailure(await run('rm', `s3://${bucket}/`), 2, '-r')
  })

  test('a name that is not UTF-8 is named, the others go on, and nothing is removed', async () => {
    const tree = join(folder, 'bytes')
    mkdirSync(tree)
    writeFileSync(join(tree, 'good'), 'good')
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/bad-`), Buffer.from([0xff, 0xfe])]), 'bad')
    await hawser(['cp', '-', `s3://${bucket}/bytes/extra`], { env, input: 'extra' })
    expectFailure(
      await run('sync', '--delete', 'bytes', `s3://${bucket}/bytes`),
      2,
      /UTF-8/,
      'bad-',
    )
    const listing = await run('ls', '-r', `s3://${bucket}/bytes/`, '--json')
    expect(listing.stdout).toContain('"bytes/good"')
    expect(listing.stdout).toContain('"bytes/extra"')
  })

  test('keys that would leave the target are refused by name, the others arrive', async () => {
    for (const key of [
      'hostile/../../outside',
      'hostile//double',
      'hostile/./dot',
      'hostile/good',
      'hostile/a',
      'hostile/a/b',
    ])
      await hawser(['cp', '-', `s3://${bucket}/${key}`], { env, input: key })
    const result = await run('sync', `s3://${bucket}/hostile`, 'inside/hostile')
    expect(result.code).not.toBe(0)
    for (const key of ['../../outside', '/double', './dot']) expect(result.stderr).toContain(key)
    const files = execFileSync(
      'find',
      [folder, '-name', 'outside', '-o', '-path', '*hostile*good'],
      {
        encoding: 'utf8',
      },
    )
    expect(files.trim()).toBe(join(folder, 'inside/hostile/good'))
  })

  test('an empty source never empties the destination', async () => {
    mkdirSync(join(folder, 'empty'))
    expectFailure(await run('sync', '--delete', 'empty', `s3://${bucket}/tree`), 3, 'empty')
    expect((await run('ls', '-r', `s3://${bucket}/tree/`)).stdout).toContain('file')
  })
})
