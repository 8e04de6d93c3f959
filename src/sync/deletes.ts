// Removals come last, and only when everything else succeeded; they are kept on disk until then, and guarded.
import { HawserError } from '../core/errors.ts'
import { type Key, toKey } from '../core/key.ts'
import type { Entry, KeyRef } from '../core/store.ts'
import { formatAddress } from '../core/location.ts'
import type { Session } from './session.ts'
import { touchParent } from './directories.ts'
import type { SyncOptions } from './options.ts'

const kind = 'remove'
/** From so many objects on, removing more than this share of them needs the user's word. */
const guardFrom = 100
const guardShare = 0.5

export async function deferRemoval(session: Session, name: string, target: Entry): Promise<void> {
  await session.spool.push(kind, name, format(target.size, target.etag))
}

/** How many objects each side was seen to have: what the guards judge by. */
export interface Seen {
  readonly source: number
  readonly target: number
}

export async function removeExtraneous(session: Session<SyncOptions>, seen: Seen): Promise<void> {
  const { report, spool } = session
  const count = await spool.count(kind)
  if (count === 0) return
  if (report.failed > 0) {
    report.warn(`nothing was removed, because ${report.failed} failed: ${count} objects would be`)
    return
  }
  const refusal = guard(session, count, seen)
  if (refusal) return report.fail(refusal, { op: 'delete' })
  report.plan(count, 0)
  await (report.dryRun ? tellRemovals(session) : removeSpooled(session))
}

/** Why so much must not be removed; undefined where it may. */
function guard(session: Session<SyncOptions>, count: number, seen: Seen): HawserError | undefined {
  const { from, to, options } = session
  const refuse = (why: string, hint: string): HawserError =>
    new HawserError('guard', why, {
      op: 'delete',
      location: to.store.location,
      key: to.prefix,
      hint,
    })
  const { maxDelete } = options
  if (seen.source === 0) {
    const source = formatAddress(from.store.location, from.prefix)
    return refuse(
      `the source ${source} is empty: refusing to remove all ${count} objects`,
      'Check the source; to empty the destination on purpose, use rm -r.',
    )
  }
  if (maxDelete === undefined) {
    if (seen.target < guardFrom || count <= seen.target * guardShare) return undefined
    return refuse(
      `refusing to remove ${count} of ${seen.target} objects`,
      `Check the source; --max-delete ${count} allows it.`,
    )
  }
  const most =
    typeof maxDelete === 'number' ? maxDelete : (Number.parseFloat(maxDelete) / 100) * seen.target
  if (count <= most) return undefined
  return refuse(
    `refusing to remove ${count} objects: --max-delete is ${maxDelete}`,
    'Raise --max-delete to allow it.',
  )
}

async function tellRemovals(session: Session): Promise<void> {
  const { spool, report, to } = session
  for await (const { order: name, payload } of spool.read(kind, 'descending'))
    report.done(
      'remove',
      { location: to.store.location, key: toKey(to.prefix + name) },
      parse(payload).size,
      0,
    )
}

/** Children before their directories. */
async function removeSpooled(session: Session): Promise<void> {
  const { spool, report, to, transfer, options, pair } = session
  const { signal, meter } = transfer
  // On a file system the check costs nothing; an object store would need a request for each.
  const pinned = to.store.traits.hierarchical
  const sizes = new Map<Key, number>()
  async function* refs(): AsyncGenerator<KeyRef> {
    for await (const { order: name, payload } of spool.read(kind, 'descending')) {
      const key = toKey(to.prefix + name)
      const { etag, size } = parse(payload)
      sizes.set(key, size)
      yield pinned && !key.endsWith('/') ? { key, etag } : { key }
    }
  }
  for await (const { key, error } of to.store.remove(refs(), { signal, meter })) {
    const at = { location: to.store.location, key }
    const size = sizes.get(key) ?? 0
    sizes.delete(key)
    // A directory that still holds something stays: what is in it was not to be removed.
    if (error && pinned && key.endsWith('/')) continue
    if (error) {
      report.fail(error, { op: 'remove', ...at })
      continue
    }
    const name = toKey(key.slice(to.prefix.length))
    await options.state.pairs.remove(pair, name)
    await touchParent(session, name)
    report.done('remove', at, size, 0)
  }
}

/** The size, then the etag as it is. */
function format(size: number, etag: string | undefined): string {
  return `${size} ${etag ?? ''}`
}

function parse(payload: string): { etag: string | undefined; size: number } {
  const space = payload.indexOf(' ')
  return { size: Number(payload.slice(0, space)), etag: payload.slice(space + 1) || undefined }
}
