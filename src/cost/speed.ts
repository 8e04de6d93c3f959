// How long a run may take, by what earlier runs between the same two places did.
import { requestKinds } from '../core/meter.ts'
import type { RunHistory, RunRecord } from '../state/types.ts'
import type { Totals } from '../core/totals.ts'
import { countsOf, type RequestCounts } from './requests.ts'

/** The best that was seen each second; undefined where no run tells. */
export interface Speed {
  /** Bytes of objects, by runs of large ones. */
  readonly bytes: number | undefined
  /** By runs of small ones. */
  readonly requests: number | undefined
  /** Bytes of objects that were at the destination, by runs that found most of them there. */
  readonly saved?: number | undefined
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
const least: Work = { bytes: 16 * 1024 ** 2, requests: 100, saved: 16 * 1024 ** 2 }

/** The speed of the last runs between the two places that came to their end. */
export async function speedOf(runs: RunHistory, { from, to }: Between): Promise<Speed> {
  const best: { -readonly [Kind in keyof Speed]: number | undefined } = {
    bytes: undefined,
    requests: undefined,
  }
  let left = taken
  for await (const run of runs.list(lookedAt)) {
    const done = run.from === from && run.to === to ? doneBy(run) : undefined
    if (!done) continue
    const kind = kindOf(done)
    if (done[kind] >= least[kind]) best[kind] = Math.max(best[kind] ?? 0, done[kind] / done.seconds)
    if (--left === 0) break
  }
  return best
}

/**
 * Milliseconds: as slow as the slowest of the bytes, sent and saved, and the requests, as far as they are known.
 * @param limit bytes each second that the user allows, if any
 * @returns undefined where no run tells of what takes this one its time
 */
export function expectedTime(
  { bytes, requests }: Pick<Totals, 'bytes' | 'requests'>,
  speed: Speed,
  limit: number = Infinity,
): number | undefined {
  const { copied, saved } = bytes
  const work: Work = { bytes: copied - saved, requests: sum(requests), saved }
  if (copied === 0 && work.requests === 0) return 0
  const limited = limit > 0 ? Math.max(bytes.sent, bytes.received) / limit : 0
  if (limited === 0 && speed[kindOf(work)] === undefined) return undefined
  const times = kinds.map((kind) => work[kind] / (speed[kind] ?? Infinity))
  return Math.max(limited, ...times) * 1000
}

const kinds = ['bytes', 'requests', 'saved'] as const

type Work = Readonly<Record<(typeof kinds)[number], number>>

/** What takes most of the time. */
function kindOf({ bytes, requests, saved }: Work): keyof Work {
  // They are read here and copied there.
  if (saved > bytes) return 'saved'
  return bytes > 0 && bytes >= requests * large ? 'bytes' : 'requests'
}

function sum(counts: RequestCounts): number {
  return countsOf(counts).reduce((all, [, count]) => all + count, 0)
}

interface Done extends Work {
  readonly seconds: number
}

/** What a summary says, which an older version may have written. An interrupted run did not come to its end. */
function doneBy({ summary }: RunRecord): Done | undefined {
  if (fieldOf(summary, 'interrupted') === true) return undefined
  const milliseconds = numberIn(summary, 'milliseconds')
  const bytes = numberIn(summary, 'bytes')
  if (milliseconds === undefined || bytes === undefined || milliseconds <= 0) return undefined
  const saved = numberIn(summary, 'saved') ?? 0
  const counts = fieldOf(fieldOf(summary, 'traffic'), 'requests')
  const requests = requestKinds.reduce((all, kind) => all + (numberIn(counts, kind) ?? 0), 0)
  return { bytes: bytes - saved, requests, saved, seconds: milliseconds / 1000 }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function numberIn(value: unknown, name: string): number | undefined {
  const field = fieldOf(value, name)
  return typeof field === 'number' && field >= 0 && field < Infinity ? field : undefined
}
