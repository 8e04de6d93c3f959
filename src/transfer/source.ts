// Reading what is to be copied: always the state that was planned, and told apart from failures of the destination.
import { type ErrorCode, HawserError, isHawserError } from '../core/errors.ts'
import type { ObjectInfo, ReadResult, Source, StatOptions, Store } from '../core/store.ts'
import type { SeenObject } from '../core/work.ts'
import { Crc64Nvme } from '../kernels/crc64nvme.ts'
import type { SourceContext, TransferContext } from './context.ts'
import type { Part } from './parts.ts'
import { verifyCrc } from './verify.ts'

/** Fills `target` from `position` on. @throws conflict (see changedObject) when the object is not as planned */
export async function readPlanned(
  from: SeenObject,
  target: Uint8Array,
  position: number,
  context: SourceContext,
): Promise<ReadResult> {
  const { signal, meter } = context
  const result = await asSourceRead(from, () =>
    context.source.readInto(from.key, target, position, {
      ifMatch: from.etag,
      version: from.version,
      size: from.size,
      signal,
      meter,
    }),
  )
  checkSame(from, result.info)
  if (result.length !== target.length) throw sourceChanged(from)
  return result
}

/** The object's facts, provided that it still is as planned. */
export async function statPlanned(
  from: SeenObject,
  context: TransferContext,
  ask: StatOptions = {},
): Promise<ObjectInfo> {
  return statSame(context.source, from, context, ask)
}

/** As statPlanned, of an object of any store. */
export async function statSame(
  store: Store,
  from: SeenObject,
  { signal, meter }: TransferContext,
  ask: StatOptions = {},
): Promise<ObjectInfo> {
  const info = await store.stat(from.key, { ...ask, signal, meter })
  checkSame(from, info)
  return info
}

/** Also of what was read with a precondition: not every service heeds it. */
function checkSame(from: SeenObject, info: ObjectInfo): void {
  const same = from.etag === undefined || info.etag === from.etag
  if (info.size !== from.size || !same) throw sourceChanged(from)
}

/** A part too big for memory, read again from its start by every try; `digest` is that of the last try. */
export interface StreamedPart extends Source {
  digest(): bigint
}

/** @param expected what the bytes must have, or the last of them are not given */
export function streamedPart(
  from: SeenObject,
  part: Part,
  context: TransferContext,
  expected?: bigint,
): StreamedPart {
  let crc = new Crc64Nvme()
  return {
    size: part.size,
    digest: () => crc.digest(),
    async *open(range) {
      crc = new Crc64Nvme()
      const check = context.check?.(part)
      const { signal, meter } = context
      const body = await asSourceRead(from, () =>
        context.source.read(from.key, {
          range: { start: part.offset + range.start, end: part.offset + range.end },
          ifMatch: from.etag,
          version: from.version,
          signal,
          meter,
        }),
      )
      checkSame(from, body.info)
      let left = range.end - range.start
      try {
        for await (const chunk of body) {
          crc.update(chunk)
          check?.(chunk)
          left -= chunk.length
          if (left === 0) verifyCrc(from, expected, crc.digest())
          yield chunk
        }
      } catch (error) {
        throw asSourceError(from, error)
      }
      if (left !== 0) throw sourceChanged(from)
    },
  }
}

const changes = new WeakMap<object, SeenObject>()

function sourceChanged(from: SeenObject, cause?: unknown): HawserError {
  const error = new HawserError('conflict', 'the source changed while it was being read', {
    op: 'read',
    location: from.location,
    key: from.key,
    hint: 'Run the command again when nothing writes to it.',
    cause,
  })
  changes.set(error, from)
  return error
}

/** Which object is no longer what was planned, where that is the failure: worth a new look and another try. */
export function changedObject(error: unknown): SeenObject | undefined {
  return typeof error === 'object' && error !== null ? changes.get(error) : undefined
}

/**
 * Runs what reads the source as planned, so that its failing precondition is told apart as a change.
 * @param signs of a change
 */
export async function asSourceRead<T>(
  from: SeenObject,
  read: () => Promise<T>,
  signs: readonly ErrorCode[] = changeSigns,
): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw asSourceError(from, error, signs)
  }
}

const changeSigns: readonly ErrorCode[] = ['precondition-failed']

function asSourceError(
  from: SeenObject,
  error: unknown,
  signs: readonly ErrorCode[] = changeSigns,
): unknown {
  return isHawserError(error) && signs.includes(error.code) ? sourceChanged(from, error) : error
}
