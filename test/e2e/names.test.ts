// Names mean themselves: nothing in them is a pattern, none is too long before the service says so, none is flattened.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, userOf } from './hawser.ts'
import { treeDifferences } from './trees.ts'

describeS3('names', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  const run = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })
  const listed = async (prefix: string): Promise<string[]> => {
    const { stdout } = await run('ls', '-r', '--json', `s3://${bucket}/${prefix}`)
    return stdout
      .trim()
      .split('\n')
      .map((line) => /"key":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line)
  }
  const write = (name: string, content = name): void => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-names-'))
    env = userOf(endpoint, folder)
    await run('mb', `s3://${bucket}`)
  })
  afterAll(async () => {
    await run('rm', '-r', `s3://${bucket}/`)
    rmSync(folder, { recursive: true, force: true })
  })

  test('`model.pt` is one name, and so is `*` where patterns are switched off', async () => {
    for (const name of ['model.pt', 'xmodel_pt.bak', 'model-pt', 'model.pt.old', '*', '[a]'])
      write(`dots/${name}`)
    await run('sync', 'dots', `s3://${bucket}/dots`)
    expect((await run('cp', `s3://${bucket}/dots/model.pt`, 'one/')).code).toBe(0)
    expect(readFileSync(join(folder, 'one/model.pt'), 'utf8')).toBe('dots/model.pt')
    expect((await run('rm', `s3://${bucket}/dots/model.pt`)).code).toBe(0)
    expect((await run('rm', '--literal', `s3://${bucket}/dots/*`)).code).toBe(0)
    expect(await listed('dots/')).toEqual(
      ['[a]', 'model-pt', 'model.pt.old', 'xmodel_pt.bak'].map((name) => `dots/${name}`),
    )
    expect((await run('rm', `s3://${bucket}/dots/model.pt`)).code).toBe(4)
  })

  test('files of one name in several directories stay apart', async () => {
    for (const name of ['a/config.json', 'b/config.json', 'b/c/config.json', 'config.json'])
      write(`tree/${name}`)
    expect((await run('cp', '-r', 'tree', `s3://${bucket}/tree`)).code).toBe(0)
    expect((await run('cp', '-r', `s3://${bucket}/tree`, 'back')).code).toBe(0)
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'back'))).toEqual([])
  })

  test('a name of 1,024 bytes arrives; a longer one is named, and the others arrive', async () => {
    const longest = Array.from({ length: 5 }, () => 'n'.repeat(204)).join('/')
    const umlauts = Array.from({ length: 5 }, () => '\u00fc'.repeat(102)).join('/')
    expect(Buffer.byteLength(longest)).toBe(1024)
    for (const name of [longest, umlauts, `${longest}x`, 'short']) write(`long/${name}`)
    const up = await run('sync', 'long', `s3://${bucket}`)
    expect(up.code).toBe(2)
    expect(up.stderr).toContain(`${longest}x`)
    expect(up.stderr).toContain('1024 bytes')
    expect((await run('sync', `s3://${bucket}`, 'long-back')).code).toBe(0)
    for (const name of [longest, umlauts, 'short'])
      expect(readFileSync(join(folder, 'long-back', name), 'utf8')).toBe(`long/${name}`)
  })
})
