import { expect, test } from 'vitest'
import { S3Error } from '../../../src/serve/errors.ts'
import { ownedBy } from '../../../src/serve/http/owners.ts'
import type { Buckets } from '../../../src/serve/vault/types.ts'
import { bucketOf } from './tools.ts'

const { signal } = new AbortController()

async function unused(): Promise<void> {}

function buckets(...there: readonly ReturnType<typeof bucketOf>[]): Buckets {
  return {
    async *list() {
      yield* there
    },
    async get(name) {
      const found = there.find((bucket) => bucket.name === name)
      if (!found) throw new S3Error('NoSuchBucket')
      return found
    },
    async create() {
      throw new S3Error('BucketAlreadyExists')
    },
    remove: unused,
    update: unused,
  }
}

test('what a key made that has gone belongs to the first one', async () => {
  const owned = ownedBy(['a', 'b'], buckets(bucketOf('one', 'gone'), bucketOf('two', 'b')))
  expect((await owned.get('one', { signal })).owner).toBe('a')
  expect((await owned.get('two', { signal })).owner).toBe('b')
  const owners = await Array.fromAsync(owned.list({ signal }), ({ owner }) => owner)
  expect(owners).toEqual(['a', 'b'])
  await expect(owned.create('one', 'a', { signal })).rejects.toMatchObject({
    code: 'BucketAlreadyOwnedByYou',
  })
  await expect(owned.create('one', 'b', { signal })).rejects.toMatchObject({
    code: 'BucketAlreadyExists',
  })
})
