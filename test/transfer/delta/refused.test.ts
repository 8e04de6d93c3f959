// A service that refuses what a delta takes gets the objects whole: those that come after it at once.
import { expect, test } from 'vitest'
import { Proofs } from '../../../src/transfer/proofs.ts'
import { bytesOf, expectSame, get, MiB } from '../../conformance/tools.ts'
import type { Asked, Refusal } from '../../servers/gateway.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBehind } from '../../stores/s3/open.ts'
import { unfinished } from '../tools.ts'
import { edited, uploaderTo } from './tools.ts'

const old = bytesOf(12 * MiB, 1)
const next = edited(old, 6 * MiB, 10, bytesOf(1000, 2))
const last = edited(next, 3 * MiB, 10, bytesOf(1000, 3))

const isPartCopy = ({ headers, query }: Asked): boolean =>
  query.has('partNumber') && headers['x-amz-copy-source'] !== undefined
const isTagged = ({ headers }: Asked): boolean => headers['x-amz-tagging'] !== undefined
const isComplete = ({ method, query }: Asked): boolean => method === 'POST' && query.has('uploadId')

const denied = { status: 403, code: 'AccessDenied' }
const refusals: [string, (asked: Asked) => boolean, Refusal][] = [
  ['to copy parts, to this user', isPartCopy, denied],
  ['to copy parts', isPartCopy, { status: 400, code: 'InvalidRequest' }],
  ['to set tags', isTagged, denied],
  ['parts of several lengths', isComplete, { status: 400, code: 'InvalidPart' }],
]

describeS3(
  'a service that refuses',
  (endpoint) => {
    test.each(refusals)('%s', async (_, refuses, refusal) => {
      let refusing = false
      const { store, gateway } = await openBehind(endpoint, (asked) =>
        refusing && refuses(asked) ? refusal : undefined,
      )
      const uploader = await uploaderTo(store)
      await uploader.upload(old, { work: { properties: { tags: { kind: 'raw' } } } })
      const warnings: string[] = []
      const onWarning = (message: string): void => {
        warnings.push(message)
        refusing = refuses === isPartCopy
      }
      const context = { proofs: new Proofs(), onWarning }
      refusing = true
      expect((await uploader.upload(next, { context })).sent).toBe(next.length)
      expectSame(await get(store, 'big'), next)
      const { length: copies } = gateway.asked.filter(isPartCopy)
      await uploader.upload(last, { context })
      expectSame(await get(store, 'big'), last)
      expect(gateway.asked.filter(isPartCopy)).toHaveLength(copies)
      expect(warnings).toEqual([expect.stringMatching(/^objects go whole from now on: /)])
      expect(await unfinished(store)).toEqual([])
    })
  },
  ['ceph20', 'hawser'],
)
