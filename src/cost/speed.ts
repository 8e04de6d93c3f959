// How long a run may take, by what earlier runs between the same two places did.
import { requestKinds } from '../core/meter.ts'
import type { RunHistory, RunRecord } from '../state/types.ts'
import type { Totals } from './estimate.ts'
import { countsOf, type RequestCounts } from './requests.ts'

/** The best that was seen each second; undefined where no run tells. */
export interface Speed {
  /** Bytes of objects that were not at the destination, by runs of large ones. */
  readonly bytes: number | undefined
  /** By runs of small ones. */
  readonly requests: number | undefined
}

/** Between which places, as the history names them. */
export interface Between {
  readonly from: string
  readonly to: string
}

/** Runs that are looked at in all, and of those between the two places. */
const lookedAt = 200
const taken = 10
/** From so many bytes a request on, it is the bytes that take the time. */
const large = 256 * 1024
/** Smaller runs tell of how long it takes to begin. */
const leastBytes = 16 * 1024 * 1024
const leastRequests = 100

/** The speed of the last runs between the two places that came to their end. */
export async function speedOf(runs: RunHistory, { from, to }: Between): Promise<Speed> {
  let bytes: number | undefined
  let requests: number | undefined
  let left = taken
  for await (const run of runs.list(lookedAt)) {
    const done = run.from === from && run.to === to ? doneBy(run) : undefined
    if (!done) continue
    if (isLarge(done)) {
      if (done.bytes >= leastBytes) bytes = Math.max(bytes ?? 0, done.bytes / done.seconds)
    } else if (done.requests >= leastRequests)
      requests = Math.max(requests ?? 0, done.requests / done.seconds)
    if (--left === 0) break
  }
  return { bytes, requests }
}

/**
 * Milliseconds: as slow as the slower of the bytes and the requests, as far as they are known.
 * @param limit bytes each second that the user allows, if any
 * @returns undefined where no run tells of what takes this one its time: its bytes, or its requests
 */
export function expectedTime(
  { bytes, requests }: Pick<Totals, 'bytes' | 'requests'>,
  speed: Speed,
  limit: number = Infinity,
): number | undefined {
  const work = { bytes: bytes.copied - bytes.saved, requests: sum(requests) }
  if (work.bytes === 0 && work.requests === 0) return 0
  const limited = limit > 0 ? Math.max(bytes.sent, bytes.received) / limit : 0
  const ofBytes = speed.bytes && work.bytes / speed.bytes
  const ofRequests = speed.requests && work.requests / speed.requests
  if (limited === 0 && (isLarge(work) ? ofBytes : ofRequests) === undefined) return undefined
  return Math.max(limited, ofBytes ?? 0, ofRequests ?? 0) * 1000
}

function isLarge({ bytes, requests }: Pick<Done, 'bytes' | 'requests'>): boolean {
  return bytes > 0 && bytes >= requests * large
}

function sum(counts: RequestCounts): number {
  return countsOf(counts).reduce((all, [, count]) => all + count, 0)
}

interface Done {
  readonly bytes: number
  readonly requests: number
  readonly seconds: number
}

/** What a summary says, which an older version may have written. */
function doneBy({ summary }: RunRecord): Done | undefined {
  const milliseconds = numberIn(summary, 'milliseconds')
  const bytes = numberIn(summary, 'bytes')
  if (milliseconds === undefined || bytes === undefined || milliseconds <= 0) return undefined
  const saved = numberIn(summary, 'saved') ?? 0
  const counts = fieldOf(fieldOf(summary, 'traffic'), 'requests')
  const requests = requestKinds.reduce((all, kind) => all + (numberIn(counts, kind) ?? 0), 0)
  return { bytes: bytes - saved, requests, seconds: milliseconds / 1000 }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function numberIn(value: unknown, name: string): number | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'number' && field >= 0 && field < Infinity ? field : undefined
}
