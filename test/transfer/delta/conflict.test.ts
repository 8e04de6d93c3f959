// Another client changes the base while a delta is on its way, at each step: what ends up there is the one content or the
// other, never a mixture, and who has a condition on what is there is told.
import { expect, test } from 'vitest'
import type { Store } from '../../../src/core/store.ts'
import { isHawserError } from '../../../src/core/errors.ts'
import { bytesOf, expectSame, failure, get, MiB, put, remove } from '../../conformance/tools.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from '../../stores/s3/open.ts'
import { multipartOf, seen, storeWith, unfinished, withMultipart } from '../tools.ts'
import { edited, strictStore, type Uploader, uploaderTo } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
/** Two copied parts, with one between them that is sent. */
const next = edited(old, 6 * MiB, 10, bytesOf(1000, 2))

/** When the other client comes: the first look at the base, the copied parts one after another, the look before the end. */
const moments = [
  'before stat 1',
  'after stat 1',
  'before copy 1',
  'after copy 1',
  'before copy 2',
  'after copy 2',
  'before look 1',
  'after look 1',
] as const
type Moment = (typeof moments)[number]

/** The store, with something that happens once, at the moment. */
function meanwhile(store: Store, moment: Moment, act: () => Promise<unknown>): Store {
  const times = { stat: 0, copy: 0, look: 0 }
  let happened = false
  const around = async <T>(step: keyof typeof times, run: () => Promise<T>): Promise<T> => {
    const nth = ++times[step]
    const at = async (when: string): Promise<void> => {
      if (happened || `${when} ${step} ${nth}` !== moment) return
      happened = true
      await act()
    }
    await at('before')
    const result = await run()
    await at('after')
    return result
  }
  const { copyPart } = multipartOf(store)
  return withMultipart(
    storeWith(store, {
      stat: async (key, options) =>
        key === 'big'
          ? around(options?.tags ? 'stat' : 'look', () => store.stat(key, options))
          : store.stat(key, options),
    }),
    () => ({
      copyPart: copyPart && ((...given) => around('copy', () => copyPart(...given))),
    }),
  )
}

interface Other {
  readonly title: string
  readonly act: (target: Store) => Promise<unknown>
  /** What is there then. */
  readonly left: Uint8Array | undefined
}
const theirs = edited(old, 3 * MiB, 2 * MiB, bytesOf(MiB, 3))
const others: readonly Other[] = [
  {
    title: 'sends a delta of its own',
    act: async (target) => {
      await (await uploaderTo(target)).upload(theirs)
    },
    left: theirs,
  },
  {
    title: 'puts less there',
    act: (target) => put(target, 'big', 'short'),
    left: Buffer.from('short'),
  },
  { title: 'removes it', act: (target) => remove(target, 'big'), left: undefined },
]

/** Uploads the old object, then the new one, while the other client comes at the moment. */
async function disturbed(
  target: Store,
  seenAs: Store,
  moment: Moment,
  { act }: Other,
  isExpected: boolean,
): Promise<ReturnType<Uploader['upload']>> {
  const uploader = await uploaderTo(target)
  await uploader.upload(old)
  const { etag = '' } = await seen(target, 'big')
  let came = false
  const store = meanwhile(seenAs, moment, async () => {
    came = true
    await act(target)
  })
  try {
    return await uploader.upload(next, {
      context: { target: store },
      work: { condition: isExpected ? { kind: 'if-match', etag } : undefined },
    })
  } finally {
    expect(came).toBe(true)
  }
}

async function contentOf(target: Store): Promise<Uint8Array | undefined> {
  try {
    return await get(target, 'big')
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}

async function expectContent(target: Store, expected: Uint8Array | undefined): Promise<void> {
  const found = await contentOf(target)
  if (expected && found) expectSame(found, expected)
  else expect(found).toBe(expected)
}

/** @param seenAs the store as the delta sees it */
async function neverMixed(
  target: Store,
  seenAs: Store,
  moment: Moment,
  other: Other,
): Promise<void> {
  await disturbed(target, seenAs, moment, other, false)
  await expectContent(target, next)
  expect(await unfinished(target)).toEqual([])
  await failure(disturbed(target, seenAs, moment, other, true), 'precondition-failed')
  await expectContent(target, other.left)
  expect(await unfinished(target)).toEqual([])
}

const cases = others.flatMap((other) =>
  moments.map((moment) => ({ title: other.title, moment, other })),
)

test.each(cases)('$moment, another client $title', async ({ moment, other }) => {
  const target = strictStore()
  await neverMixed(target, target, moment, other)
})

/** As services that pass over the condition on a copied part. */
function carelessly(store: Store): Store {
  const { copyPart } = multipartOf(store)
  return withMultipart(store, () => ({
    copyPart:
      copyPart &&
      ((upload, slot, { location, key }, range, options) =>
        copyPart(upload, slot, { location, key }, range, options)),
  }))
}

test.each(cases.filter(({ moment }) => !moment.includes('stat')))(
  '$moment, another client $title, and copied parts have no conditions',
  async ({ moment, other }) => {
    const target = strictStore()
    await neverMixed(target, carelessly(target), moment, other)
  },
)

describeS3('conflicts of deltas', (endpoint) => {
  const hard = cases.filter(({ moment }) => /after (?:stat|copy|look) 1/.test(moment))
  test.each(hard)('$moment, another client $title', async ({ moment, other }) => {
    await using target = await openBucket(endpoint)
    await neverMixed(target, target, moment, other)
  })
})

test('the source changes while it is read, at each read: what it is in the end is there', async () => {
  const changed = edited(next, 100, 1, Buffer.from('y'))
  const target = strictStore()
  const uploader = await uploaderTo(target)
  for (let moment = 1, came = true; came; moment++) {
    came = false
    await uploader.upload(old)
    let reads = 0
    const { source } = uploader
    const moving = storeWith(source, {
      async readInto(key, into, position, options) {
        const result = await source.readInto(key, into, position, options)
        if (++reads === moment) {
          came = true
          await put(source, 'big', changed)
        }
        return result
      },
    })
    await uploader.upload(next, { context: { source: moving } })
    // What was read whole before the change may go there: it is the source as it was.
    const found = await get(target, 'big')
    expectSame(
      found,
      found.length === changed.length && found[100] === changed[100] ? changed : next,
    )
    expect(await unfinished(target)).toEqual([])
  }
})
