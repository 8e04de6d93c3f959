// The main job: a tree goes to a real S3 server and back, as a user types it.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { hawser, type Run, summaryOf, userOf } from './hawser.ts'
import { makeOddTree, treeDifferences } from './trees.ts'

describeS3('sync of a tree', (endpoint) => {
  const bucket = createBucketName()
  let folder: string
  let env: Record<string, string>
  const run = (...argv: string[]): Promise<Run> => hawser(argv, { cwd: folder, env })
  const runJson = async (...argv: string[]): Promise<ReturnType<typeof summaryOf>> => {
    const result = await run(...argv, '--json')
    expect(result.stderr).toBe('')
    expect(result.code).toBe(0)
    return summaryOf(result)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-e2e-'))
    env = userOf(endpoint, folder)
    expect((await run('mb', `s3://${bucket}`)).code).toBe(0)
    makeOddTree(join(folder, 'tree'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('contents and times come back, a second run makes no request but listings', async () => {
    const up = await runJson('sync', 'tree', `s3://${bucket}/plain`)
    expect(up).toMatchObject({ copied: 21, failed: 0, skipped: 3 })
    const again = await runJson('sync', 'tree', `s3://${bucket}/plain`)
    expect(again).toMatchObject({ copied: 0, updated: 0, unchanged: 21, traffic: { sent: 0 } })
    expect(Object.keys(again.traffic.requests)).toEqual(['list'])
    await runJson('sync', `s3://${bucket}/plain`, 'plain')
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'plain'))).toEqual([])
    const back = await runJson('sync', `s3://${bucket}/plain/`, './plain/')
    expect(back).toMatchObject({ copied: 0, updated: 0, unchanged: 21 })
    expect(Object.keys(back.traffic.requests)).toEqual(['list'])
  })

  test('with -a, modes, links and empty directories come back too', async () => {
    const all = { links: true, modes: true, directories: true }
    await runJson('sync', '-a', 'tree', `s3://${bucket}/archive`)
    const again = await runJson('sync', '-a', 'tree', `s3://${bucket}/archive`)
    expect(again).toMatchObject({ copied: 0, updated: 0, traffic: { sent: 0 } })
    expect(Object.keys(again.traffic.requests)).toEqual(['list'])
    await runJson('sync', '-a', `s3://${bucket}/archive`, 'archive')
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'archive'), all)).toEqual([])
    const back = await runJson('sync', '-a', `s3://${bucket}/archive`, 'archive')
    expect(back).toMatchObject({ copied: 0, updated: 0 })
    expect(Object.keys(back.traffic.requests)).toEqual(['list'])
  })

  test('edits, touches, modes, links and removals arrive', async () => {
    const source = join(folder, 'edited')
    const all = { links: true, modes: true, directories: true }
    cpSync(join(folder, 'tree'), source, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    })
    await runJson('sync', '-a', source, `s3://${bucket}/edited`)
    writeFileSync(join(source, 'plain.txt'), 'other content')
    utimesSync(join(source, 'a'), 1, 2)
    chmodSync(join(source, 'a-b'), 0o711)
    unlinkSync(join(source, 'link'))
    symlinkSync('a.b', join(source, 'link'))
    unlinkSync(join(source, 'a.b'))
    rmSync(join(source, 'nothing'), { recursive: true })
    mkdirSync(join(source, 'new/directory'), { recursive: true })
    const changed = await runJson('sync', '-a', '--delete', source, `s3://${bucket}/edited`)
    expect(changed.removed).toBe(4)
    expect(changed.bytes).toBeLessThan(100)
    await runJson('sync', '-a', '--delete', `s3://${bucket}/edited`, 'edited-back')
    expect(await treeDifferences(source, join(folder, 'edited-back'), all)).toEqual([])
    const again = await runJson('sync', '-a', '--delete', source, `s3://${bucket}/edited`)
    expect(Object.keys(again.traffic.requests)).toEqual(['list'])
  })

  test('without state nothing is sent again that is there', async () => {
    await runJson('sync', 'tree', `s3://${bucket}/stateless`)
    const other = { ...env, HAWSER_STATE_DIR: join(folder, 'other-state') }
    const again = await hawser(['sync', 'tree', `s3://${bucket}/stateless`, '--json'], {
      cwd: folder,
      env: other,
    })
    expect(summaryOf(again)).toMatchObject({ copied: 0, unchanged: 21, traffic: { sent: 0 } })
  })

  test('a dry run does nothing and says what would be done', async () => {
    const dry = await runJson('sync', '-n', 'tree', `s3://${bucket}/dry`)
    expect(dry).toMatchObject({ copied: 21, traffic: { sent: 0 } })
    const listing = await run('ls', '-r', `s3://${bucket}/dry/`)
    expect(listing.code).toBe(4)
  })

  test('from one prefix to another nothing passes through here', async () => {
    await runJson('sync', 'tree', `s3://${bucket}/from`)
    const inside = await runJson('sync', `s3://${bucket}/from`, `s3://${bucket}/to`)
    expect(inside).toMatchObject({ copied: 21, traffic: { sent: 0 } })
    expect(Object.keys(inside.traffic.requests)).not.toContain('read')
    await runJson('sync', `s3://${bucket}/to`, 'to')
    expect(await treeDifferences(join(folder, 'tree'), join(folder, 'to'))).toEqual([])
  })
})
