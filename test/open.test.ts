import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Secret } from '../src/core/secret.ts'
import { open, type OpenOptions } from '../src/open.ts'

let root: string

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'hawser-open-')))
  await mkdir(join(root, 'dir'))
  await writeFile(join(root, 'file'), '')
  await symlink(join(root, 'dir'), join(root, 'link'))
})
afterEach(() => rm(root, { recursive: true }))

async function opened(address: string, options?: OpenOptions) {
  await using place = await open(address, options)
  return [place.store.location.root, place.prefix]
}

test('a directory is a store; any other name is one in the store of its directory', async () => {
  expect(await opened(join(root, 'dir'))).toEqual([join(root, 'dir'), ''])
  expect(await opened(`file://${root}/dir/`)).toEqual([join(root, 'dir'), ''])
  expect(await opened(join(root, 'file'))).toEqual([root, 'file'])
  expect(await opened(join(root, 'new'))).toEqual([root, 'new'])
  expect(await opened(join(root, 'new/'))).toEqual([join(root, 'new'), ''])
  expect(await opened(`${root}/dir/..`)).toEqual([root, ''])
  expect(await opened('.')).toEqual([process.cwd(), ''])
  expect(await opened('/')).toEqual(['/', ''])
})

test('a directory has one name, however it is reached', async () => {
  const real = join(root, 'dir')
  expect(await opened(join(root, 'link'))).toEqual([real, ''])
  expect(await opened(join(root, 'link/new/'))).toEqual([join(real, 'new'), ''])
  expect(await opened(join(root, 'link/new'))).toEqual([real, 'new'])
  expect(await opened(join(root, 'link/deep/new'), { asEntry: true })).toEqual([
    join(real, 'deep'),
    'new',
  ])
})

test('as an entry, a directory is a name too, and a link is not what it points to', async () => {
  const asEntry = { asEntry: true }
  expect(await opened(join(root, 'dir'), asEntry)).toEqual([root, 'dir/'])
  expect(await opened(join(root, 'link'), asEntry)).toEqual([root, 'link'])
  expect(await opened(join(root, 'file'), asEntry)).toEqual([root, 'file'])
  expect(await opened(`${root}/dir/.`, asEntry)).toEqual([join(root, 'dir'), ''])
  expect(await opened('/', asEntry)).toEqual(['/', ''])
})

const credentials = async () => ({ accessKeyId: 'AK', secretAccessKey: new Secret('hunter2') })

test('an S3 address is a bucket and a key, at the endpoint of the options', async () => {
  const options = { endpoint: 'http://127.0.0.1:9', credentials }
  await using place = await open('s3://bucket/a/b', options)
  expect(place.prefix).toBe('a/b')
  expect(place.store.location).toMatchObject({ scheme: 's3', root: 'bucket' })
  expect(place.store.location.endpoint).toContain('127.0.0.1:9')
  expect(place.store.buckets).toBeDefined()
})

test('without an environment there are no credentials, however the process is started', async () => {
  const environment = { AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 'hunter2', HOME: root }
  await expect(open('s3://bucket')).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(await opened('s3://bucket', { anonymous: true })).toEqual(['bucket', ''])
  expect(await opened('s3://bucket', { environment })).toEqual(['bucket', ''])
})

test('profiles give keys, region and endpoint', async () => {
  await mkdir(join(root, '.aws'))
  await writeFile(
    join(root, '.aws/credentials'),
    '[work]\naws_access_key_id = AK\naws_secret_access_key = hunter2\n',
  )
  await writeFile(join(root, '.aws/config'), '[profile work]\nendpoint_url = http://127.0.0.1:8\n')
  const environment = { HOME: root }
  await using place = await open('s3://bucket', { profile: 'work', environment })
  expect(place.store.location.endpoint).toContain('127.0.0.1:8')
  await expect(open('s3://bucket', { profile: 'home', environment })).rejects.toMatchObject({
    code: 'invalid-config',
  })
})

test('standard input is no place', async () => {
  await expect(open('-')).rejects.toMatchObject({ code: 'invalid-argument' })
})

test('from the root of the file system, all local paths are names in one store', async () => {
  const paths = [join(root, 'dir'), join(root, 'dir/file'), join(root, 'dir/none'), '/']
  const prefixes = []
  for (const path of paths) {
    await using place = await open(path, { fromRoot: true })
    expect(place.store.location.root).toBe('/')
    prefixes.push(place.prefix)
  }
  const above = `${root.slice(1)}/`
  expect(prefixes).toEqual([`${above}dir/`, `${above}dir/file`, `${above}dir/none`, ''])
})

async function kept(address: string, options?: OpenOptions) {
  await using place = await open(address, options)
  return place.store.traits.reserved
}

test('in a directory, and in a bucket, there is a place that is not listed', async () => {
  const dir = join(root, 'dir')
  expect(await kept(dir)).toBe('.hawser/')
  expect(await kept(join(root, 'file'))).toBeUndefined()
  expect(await kept(dir, { asEntry: true })).toBe('dir/.hawser/')
  expect(await kept(dir, { fromRoot: true })).toBe(`${dir.slice(1)}/.hawser/`)
  expect(await kept(dir, { reserved: false })).toBe('.hawser/')
  const bucket = 's3://bucket/a/'
  expect(await kept(bucket, { credentials })).toBe('.hawser/')
  expect(await kept(bucket, { credentials, reserved: 'meta/own' })).toBe('meta/own/')
  expect(await kept(bucket, { credentials, reserved: false })).toBeUndefined()
  for (const reserved of ['', '/', '/x'])
    await expect(kept(bucket, { credentials, reserved })).rejects.toMatchObject({
      code: 'invalid-argument',
    })
})
