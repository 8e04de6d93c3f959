import { expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory/store.ts'
import { storeWith } from '../transfer/tools.ts'
import { contents, fill, pair } from './tools.ts'

test('the first copy begins before the listing has ended', async () => {
  const [source, target] = [memoryStore(), memoryStore()]
  await fill(source, 'a', 'b')
  const begun = Promise.withResolvers<void>()
  const slow = storeWith(source, {
    async *list(prefix, options) {
      for await (const entry of source.list(prefix, options)) {
        yield entry
        await begun.promise
      }
    },
  })
  const watched = storeWith(target, {
    copy: undefined,
    write: (key, body, options) => {
      begun.resolve()
      return target.write(key, body, options)
    },
  })
  const { run } = await pair(slow, watched)
  const { summary } = await run()
  expect(summary).toMatchObject({ copied: 2, failed: 0 })
  expect(Object.keys(await contents(target))).toEqual(['a', 'b'])
})
