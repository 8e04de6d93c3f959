// Finds out what the listings do not tell of two objects of one name: asks for times where the user wants that, then
// whether the bytes are the same. Then only attributes may have to follow.
import type { SideName } from '../cost/side.ts'
import type { Entry } from '../core/store.ts'
import type { PairRow } from '../state/types.ts'
import {
  type Candidate,
  decide,
  isAsRecorded,
  isLater,
  isSameTime,
  knownOf,
  newerThere,
} from './decide.ts'
import { compareContents, type Side } from './evidence.ts'
import { executeUpdate } from './update.ts'
import { crcOfFile, formOfOther } from './forms.ts'
import { targetDrifted } from './plan/drift.ts'
import { record } from './record.ts'
import { copyOrDefer } from './renames/copy.ts'
import { seenAt, type Session } from './session.ts'

export async function compareFurther(
  session: Session,
  candidate: Candidate,
  source: Entry,
  target: Entry,
): Promise<void> {
  const { rules, report } = session
  // A file system's has no contents to compare.
  if (source.kind === 'directory' && session.from.store.traits.hierarchical)
    return foundSame(session, candidate, source, target, { late: undefined })
  const asked = rules.update || rules.compareMetadata || rules.exactTimestamps
  const times = asked ? await timesOf(session, source, target) : undefined
  if (rules.update && times && isLater(times.target, times.source, rules.modifyWindow))
    return report.skip(seenAt(session.from, source), newerThere)
  const decision = decide(candidate, { ...rules, update: false })
  if (decision.do === 'copy') return copyAfterAll(session, candidate, source)
  const sameTime = times && isSameTime(times.source, times.target, rules.modifyWindow)
  const late = sameTime === undefined ? undefined : !sameTime
  if (decision.do === 'compare' && decision.bytes === 'same') {
    const crc64nvme = recordedDigest(candidate.row, source, target)
    return foundSame(session, candidate, source, target, { crc64nvme, late })
  }
  if (source.size !== target.size) return compareForms(session, candidate, source, target, times)
  if (decision.do === 'same' && !candidate.row)
    return foundSame(session, candidate, source, target, { late })
  if (decision.do !== 'compare') return report.unchanged()
  if (!rules.checksum) {
    if (late && rules.exactTimestamps) return copyAfterAll(session, candidate, source)
    if (sameTime && rules.compareMetadata)
      return foundSame(session, candidate, source, target, { late })
  }
  return compareBytes(session, candidate, source, target, late)
}

/** One of them, which holds less bytes, may be an object that holds the other in compressed form. */
async function compareForms(
  session: Session,
  candidate: Candidate,
  source: Entry,
  target: Entry,
  times: Times | undefined,
): Promise<void> {
  const { rules, transfer, report } = session
  const { row } = candidate
  const sides = sidesOf(session, source, target)
  const form = await formOfOther(...sides, transfer)
  if (!form) return copyAfterAll(session, candidate, source)
  if (rules.sizeOnly) return report.unchanged()
  const late = times && !isSameTime(times.source, times.target, rules.modifyWindow)
  if (late && rules.exactTimestamps && !rules.checksum)
    return copyAfterAll(session, candidate, source)
  const believed = late === false && rules.compareMetadata && !rules.checksum
  if (!believed && (await crcOfFile(...sides, transfer)) !== form.crc64nvme)
    return copyAfterAll(session, candidate, source)
  const crc64nvme = believed ? recordedDigest(row, source, target) : form.crc64nvme
  return foundSame(session, candidate, source, target, { crc64nvme, late })
}

function sidesOf(
  { from, to, costs }: Session,
  source: Entry,
  target: Entry,
): readonly [Side, Side] {
  return [
    {
      store: from.store,
      seen: seenAt(from, source),
      entry: source,
      meter: costs.asking('source'),
    },
    { store: to.store, seen: seenAt(to, target), entry: target, meter: costs.asking('target') },
  ]
}

async function compareBytes(
  session: Session,
  candidate: Candidate,
  source: Entry,
  target: Entry,
  late: boolean | undefined,
): Promise<void> {
  const sides = sidesOf(session, source, target)
  const { same, crc64nvme } = await compareContents(...sides, candidate.row, session.transfer)
  if (!same) return copyAfterAll(session, candidate, source)
  return foundSame(session, candidate, source, target, {
    crc64nvme: crc64nvme ?? recordedDigest(candidate.row, source, target),
    late,
  })
}

/** What was recorded of bytes that are still there on one side, and so on both. */
function recordedDigest(
  row: PairRow | undefined,
  source: Entry,
  target: Entry,
): bigint | undefined {
  if (!row) return undefined
  const holds = isAsRecorded(source, row.source) || isAsRecorded(target, row.target)
  return holds ? row.crc64nvme : undefined
}

/**
 * The attributes of an object cost a request to see: only where the user asked for them, or where one of the two is not
 * as it was recorded.
 * @param late whether its time is another one; undefined where it was not asked for
 */
async function foundSame(
  session: Session,
  { name, row }: Candidate,
  source: Entry,
  target: Entry,
  { crc64nvme, late }: { crc64nvme?: bigint | undefined; late: boolean | undefined },
): Promise<void> {
  const { to, options, report } = session
  const touched = row && !(isAsRecorded(source, row.source) && isAsRecorded(target, row.target))
  if (
    touched ||
    late ||
    source.kind === 'symlink' ||
    options.archive ||
    (late === undefined && to.store.traits.modified === 'native')
  )
    return executeUpdate(session, name, source, target, crc64nvme)
  if (!report.dryRun) await record(session, name, knownOf(source), target, crc64nvme)
  report.unchanged()
}

/** It was not in the plan until now. */
async function copyAfterAll(session: Session, candidate: Candidate, source: Entry): Promise<void> {
  if (session.pinned) throw targetDrifted(session, candidate.name)
  session.report.plan(1, source.size)
  return copyOrDefer(session, candidate, source)
}

interface Times {
  readonly source: bigint
  readonly target: bigint
}

/** When the contents were made, as far as it is known: a store without that knowledge tells when it got them. */
async function timesOf(session: Session, source: Entry, target: Entry): Promise<Times> {
  const [ofSource, ofTarget] = await Promise.all([
    timeOf(session, 'source', source),
    timeOf(session, 'target', target),
  ])
  return { source: ofSource, target: ofTarget }
}

async function timeOf(
  { from, to, costs, transfer: { signal } }: Session,
  side: SideName,
  entry: Entry,
): Promise<bigint> {
  const { store } = side === 'source' ? from : to
  if (store.traits.modified === 'native') return entry.modified
  const { attributes, modified } = await store.stat(entry.key, {
    signal,
    meter: costs.asking(side),
  })
  return attributes.mtime ?? modified
}
