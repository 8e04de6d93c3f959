// Memory does not grow with the number of objects: listings and syncs of many objects hold none of them.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { type Answer, type Asked, hostileServer } from '../stores/s3/server.ts'
import { type Outcome, runAgainst } from './against.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

const pages = 150
const perPage = 1000
/** Long names: were each held, they alone would take 15 times the growth that is let through. */
const filler = 'x'.repeat(400)
const growthAllowed = 2.5 * 1024 ** 2

/** Pages of made-up objects; `onPage` is told of each that is asked for. */
function listing({ query }: Asked, onPage: (page: number) => void): Answer {
  const page = Number(query.get('continuation-token') ?? 0)
  onPage(page)
  const prefix = query.get('prefix') ?? ''
  const contents = Array.from({ length: perPage }, (_, i) => {
    const name = `${prefix}${String(page * perPage + i).padStart(9, '0')}${filler}`
    return `<Contents><Key>${name}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;0cc175b9c0f1b6a831c399e269772661&quot;</ETag><Size>1</Size></Contents>`
  }).join('')
  const more = page + 1 < pages
  const next = more ? `<NextContinuationToken>${page + 1}</NextContinuationToken>` : ''
  return {
    body: `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents}</ListBucketResult>`,
  }
}

/** Runs the command against the made-up bucket. @returns also what the heap grew by on the way */
async function measured(...argv: string[]): Promise<Outcome & { grown: number }> {
  const heaps: number[] = []
  await using server = await hostileServer((asked) =>
    listing(asked, (page) => {
      // Not at the beginning, when all is new.
      if (page === 50 || page === pages - 1) heaps.push(heapInUse())
    }),
  )
  const outcome = await runAgainst(server, ...argv)
  return { ...outcome, grown: Math.max(...heaps.slice(1)) - (heaps[0] ?? 0) }
}

function heapInUse(): number {
  if (typeof collectGarbage === 'function') collectGarbage()
  return process.memoryUsage().heapUsed
}

test.each([
  ['ls', ['ls', '-r', 's3://bucket/'], pages * perPage],
  [
    'a sync that finds nothing to do',
    ['sync', '-n', '--quiet', 's3://bucket/a', 's3://bucket/b'],
    0,
  ],
])('%s of 150,000 objects', { timeout: 120_000 }, async (_, argv, lines) => {
  const result = await measured(...argv)
  expect(result).toMatchObject({ code: 0, lines })
  expect(result.grown).toBeLessThan(growthAllowed)
})
