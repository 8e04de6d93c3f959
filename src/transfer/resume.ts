// Goes on with an interrupted upload where it is proven to be one of the same source; else begins a new one.
import { createHash } from 'node:crypto'
import { attributesToMetadata } from '../core/attributes.ts'
import { HawserError, isHawserError } from '../core/errors.ts'
import { md5FromEtag } from '../core/digest.ts'
import { compareKeys } from '../core/key.ts'
import { locationId } from '../core/location.ts'
import type { CopySource, Multipart, PartReceipt, Upload, WriteOptions } from '../core/store.ts'
import type { CopyWork } from '../core/work.ts'
import type { JournalEntry } from '../state/types.ts'
import { abandon, beginJournalled } from './begin.ts'
import type { TransferContext } from './context.ts'
import type { PartTransfer } from './multipart.ts'
import { evenPlan, type PartPlan, type PlannedPart } from './parts.ts'
import { readPlanned } from './source.ts'

export async function beginOrResume(
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
  plan: PartPlan,
  options: WriteOptions,
): Promise<PartTransfer> {
  const { journal, signal, meter } = context
  const target = locationId(work.to.location)
  const entry = await journal?.find(target, work.to.key)
  const identity = identityOf(work, options, plan)
  if (entry?.upload && isOfSameSource(entry, work, identity)) {
    const resumed = planOf(entry, plan)
    const done = await arrivedParts(entry.upload, entry.parts, resumed, work, context, multipart)
    if (done) return partTransfer(entry.upload, resumed, done, work, context)
    await journal?.end(target, work.to.key)
  } else if (entry) {
    await abandon(entry, context)
  }

  const { condition: _, ...description } = options
  const basis = basisOf(plan)
  const { location, key, size } = work.from
  const source = { id: locationId(location), key, etag: identity, size }
  const attempt = { target, key: work.to.key, source, partSize: plan.partSize }
  const upload = await beginJournalled(attempt, context, () =>
    multipart.begin(work.to.key, { ...description, basis, signal, meter }),
  )
  return partTransfer(upload, plan, new Map(), work, context)
}

/** What holds a part at the very place where it is to be. */
function basisOf({ parts }: PartPlan): CopySource | undefined {
  return parts.find(({ offset, held }) => held?.range.start === offset)?.held?.from
}

/** An upload goes on with parts of the size that it was begun with. */
function planOf({ partSize }: JournalEntry, plan: PartPlan): PartPlan {
  return partSize === plan.partSize
    ? plan
    : evenPlan(plan.size, partSize, plan.parts[0]?.held?.from)
}

/**
 * The state of the source, all that the object is given beside its bytes, and how it is put together: an upload keeps
 * what it was begun with, so that one with other attributes is another one. Undefined without an etag: nothing proves that the source is the same.
 */
function identityOf(
  { from: { etag } }: CopyWork,
  { attributes = {}, metadata = {}, contentType, properties = {} }: WriteOptions,
  plan: PartPlan,
): string | undefined {
  if (etag === undefined) return undefined
  const pairs = Object.entries({ ...metadata, ...attributesToMetadata(attributes) })
  const given = JSON.stringify([
    sorted(pairs),
    contentType ?? '',
    sorted(Object.entries(properties)),
    ...(plan.id === '' ? [] : [plan.id]),
  ])
  return `${etag} ${createHash('sha256').update(given).digest('hex')}`
}

function sorted(pairs: readonly [string, unknown][]): readonly [string, unknown][] {
  return pairs.toSorted(([a], [b]) => compareKeys(a, b))
}

function isOfSameSource(
  { source }: JournalEntry,
  { from }: CopyWork,
  identity: string | undefined,
): boolean {
  return (
    source.etag !== undefined &&
    source.etag === identity &&
    source.size === from.size &&
    source.key === from.key &&
    source.id === locationId(from.location)
  )
}

/** The parts that are there and hold what the source holds; undefined when the upload is gone. */
async function arrivedParts(
  upload: Upload,
  receipts: readonly PartReceipt[],
  plan: PartPlan,
  work: CopyWork,
  context: TransferContext,
  multipart: Multipart,
): Promise<Map<number, PartReceipt> | undefined> {
  const journalled = new Map(receipts.map((receipt) => [receipt.number, receipt]))
  const expected = new Map(plan.parts.map((part) => [part.number, part]))
  const arrived = await listedParts(upload, context, multipart)
  if (!arrived) return undefined
  const done = new Map<number, PartReceipt>()
  for (const listed of arrived) {
    const part = expected.get(listed.number)
    if (part?.size !== listed.size) continue
    const known = journalled.get(listed.number)
    const proven =
      known && isSame(known, listed) ? known : await compareWithSource(listed, part, work, context)
    if (proven) done.set(listed.number, proven)
  }
  return done
}

/** As many as a store allows at most; undefined when the upload is gone. */
async function listedParts(
  upload: Upload,
  { signal, meter }: TransferContext,
  multipart: Multipart,
): Promise<PartReceipt[] | undefined> {
  try {
    return await Array.fromAsync(multipart.parts(upload, { signal, meter }))
  } catch (error) {
    if (isHawserError(error) && error.code === 'not-found') return undefined
    throw error
  }
}

/** Whether the part listed is the one that the journal tells of. */
function isSame(known: PartReceipt, listed: PartReceipt): boolean {
  if (known.etag !== undefined && listed.etag !== undefined) return known.etag === listed.etag
  return known.crc64nvme !== undefined && known.crc64nvme === listed.crc64nvme
}

/** A part that arrived but was not journalled any more: proven by what is known of it, or by reading the source again. */
async function compareWithSource(
  listed: PartReceipt,
  part: PlannedPart,
  work: CopyWork,
  context: TransferContext,
): Promise<PartReceipt | undefined> {
  const held = part.held?.crc64nvme
  if (held !== undefined && listed.crc64nvme !== undefined)
    return listed.crc64nvme === held ? listed : undefined
  if (part.size > context.buffers.largest) return undefined
  using buffer = await context.buffers.acquire(part.size, context.signal)
  await readPlanned(work.from, buffer.bytes, part.offset, context)
  const crc64nvme = buffer.crc64nvme(part.size)
  if (listed.crc64nvme !== undefined) return listed.crc64nvme === crc64nvme ? listed : undefined
  const md5 = listed.etag === undefined ? undefined : md5FromEtag(listed.etag)
  if (md5 === undefined || md5 !== createHash('md5').update(buffer.bytes).digest('hex'))
    return undefined
  return { ...listed, crc64nvme }
}

function partTransfer(
  upload: Upload,
  plan: PartPlan,
  done: Map<number, PartReceipt>,
  work: CopyWork,
  { journal }: TransferContext,
): PartTransfer {
  const target = locationId(work.to.location)
  return {
    upload,
    plan,
    done,
    confirmed: new Set(),
    async record(receipt) {
      done.set(receipt.number, receipt)
      await journal?.part(target, work.to.key, receipt)
    },
    async end() {
      await journal?.end(target, work.to.key)
    },
    inOrder() {
      const receipts: PartReceipt[] = []
      for (const part of plan.parts) {
        const receipt = done.get(part.number)
        if (!receipt)
          throw new HawserError('internal', `part ${part.number} is missing`, {
            op: 'complete',
            location: work.to.location,
            key: work.to.key,
          })
        receipts.push(receipt)
      }
      return receipts
    },
  }
}
