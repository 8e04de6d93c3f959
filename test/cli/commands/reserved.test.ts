// What no command takes for the user's: what a server keeps in its directory, and what lies beside objects in a bucket.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import { serveS3 } from '../../../src/serve/server.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import { userOf } from '../../e2e/hawser.ts'
import { createBucketName, describeS3 } from '../../servers/s3.ts'
import { commandIn } from './tools.ts'

/** A directory that is served, with an object that no file can be. */
async function served() {
  const { root, hawser } = await commandIn({
    'data/photos/old': 'old',
    'new/photos/new': 'new',
    x: 'x',
  })
  const credentials = [{ accessKeyId: 'demo', secretAccessKey: new Secret('demo-secret') }]
  const server = await serveS3(localStore(join(root, 'data')), { credentials })
  onTestFinished(() => server.close())
  const environment = {
    AWS_ACCESS_KEY_ID: 'demo',
    AWS_SECRET_ACCESS_KEY: 'demo-secret',
    AWS_REGION: server.region,
    AWS_ENDPOINT_URL: server.url,
  }
  const client = (...argv: string[]) => hawser(argv, { environment })
  expect(await client('cp', '@/x', 's3://photos/a//b')).toMatchObject({ code: 0 })
  const kept = () => readdir(join(root, 'data/.hawser/s3/objects'), { recursive: true })
  expect(await kept()).toHaveLength(2)
  return { root, hawser, client, kept }
}

test('sync --delete into a served directory leaves alone what the server keeps there', async () => {
  const { root, hawser, client, kept } = await served()
  const before = await kept()
  const { code, err } = await hawser(['sync', '-v', '--delete', '@/new', '@/data'])
  expect({ code, err }).toMatchObject({ code: 0 })
  expect(err).not.toContain('.hawser')
  expect(await readdir(join(root, 'data/photos'))).toEqual(['new'])
  expect(await kept()).toEqual(before)
  expect((await client('cat', 's3://photos/a//b')).out).toBe('x')
})

test('and no command takes it along, unless that is asked for', async () => {
  const { root, hawser, kept } = await served()
  for (const command of [['sync'], ['sync', '-a'], ['cp', '-r']]) {
    expect(await hawser([...command, '@/data', '@/to'])).toMatchObject({ code: 0 })
    expect(await readdir(join(root, 'to'))).toEqual(['photos'])
    expect(await hawser(['check', '@/data', '@/to'])).toMatchObject({ code: 0 })
  }
  expect((await hawser(['ls', '@/data'])).out).not.toContain('.hawser')
  expect((await hawser(['ls', '@/data/.hawser'])).out).toContain('s3/')
  expect((await hawser(['du', '@/data'])).out).toBe(`            3          1  ${root}/data\n`)
  expect(await hawser(['cp', '-r', '@/data/.hawser', '@/copy'])).toMatchObject({ code: 0 })
  expect(await readdir(join(root, 'copy'))).toEqual(['s3'])
  expect(await hawser(['mv', '-r', '@/data', '@/moved'])).toMatchObject({ code: 0 })
  expect(await readdir(join(root, 'moved'))).toEqual(['photos'])
  expect(await readdir(join(root, 'data'))).toEqual(['.hawser'])
  const { code, err } = await hawser(['rm', '-r', '@/data'])
  expect({ code, err }).toMatchObject({ code: 0 })
  expect(err).toContain(`${root}/data/.hawser/: it stays`)
  expect(await kept()).toHaveLength(2)
  expect(await hawser(['rm', '-r', '@/data/.hawser', '@/data'])).toMatchObject({ code: 0 })
  expect(await readdir(root)).not.toContain('data')
})

describeS3('a bucket with signatures', (endpoint) => {
  test('shows them to who asks for them, and goes without a word of them', async () => {
    const { root, hawser } = await commandIn({ 'tree/a': 'a', 'sig/b': 'b' })
    const environment = userOf(endpoint, root)
    const bucket = `s3://${createBucketName()}`
    const succeed = async (...argv: string[]): Promise<string> => {
      const { code, out, err } = await hawser(argv, { environment })
      expect({ code, err }).toMatchObject({ code: 0 })
      return out
    }
    await succeed('mb', bucket)
    await succeed('cp', '-r', '@/tree', bucket)
    await succeed('cp', '-r', '@/sig', `${bucket}/.hawser/sig`)
    expect(await succeed('ls', '-r', bucket)).not.toContain('sig')
    expect(await succeed('ls', bucket)).not.toContain('.hawser')
    expect(await succeed('ls', `${bucket}/.hawser/`)).toContain('sig/')
    expect(await succeed('ls', '-r', `${bucket}/.hawser`)).toContain('sig/b')
    expect(await succeed('du', bucket)).toContain('            1          1  ')
    expect(await succeed('sync', '-n', '--delete', '@/tree', bucket)).toBe('')
    expect(await hawser(['rb', bucket], { environment })).toMatchObject({ code: 6 })
    expect(await succeed('ls', `${bucket}/.hawser/sig/`)).toContain('b')
    await succeed('rm', `${bucket}/a`)
    await succeed('rb', bucket)
    await succeed('mb', bucket)
    await succeed('cp', '-r', '@/sig', `${bucket}/.hawser/sig`)
    await succeed('rm', '-r', `${bucket}/.hawser/`)
    await succeed('rb', bucket)
  })
})
