// Buckets: made, listed and removed.
import { expect, test } from 'vitest'
import type { Bench } from './suite.ts'
import { collect, failure } from './tools.ts'

export function bucketTests(bench: Bench): void {
  test('a bucket is made, listed and removed', async () => {
    const { buckets } = bench.store
    if (!buckets) throw new Error('no buckets')
    const name = `hawser-test-${process.pid}-${Date.now().toString(36)}`
    const names = async (): Promise<string[]> =>
      (await collect(buckets.list())).map((bucket) => bucket.name)
    await buckets.create(name)
    try {
      expect(await names()).toContain(name)
    } finally {
      await buckets.remove(name)
    }
    expect(await names()).not.toContain(name)
    await failure(buckets.remove(name), 'not-found')
  })

  test('a signal that has aborted stops it before it begins', async () => {
    const { buckets } = bench.store
    if (!buckets) throw new Error('no buckets')
    const signal = AbortSignal.abort()
    await failure(collect(buckets.list({ signal })), 'interrupted')
    await failure(buckets.create('hawser-test-never', { signal }), 'interrupted')
    await failure(buckets.remove('hawser-test-never', { signal }), 'interrupted')
  })
}
