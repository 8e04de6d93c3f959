// Where the destination has the bytes of a file already, under another name: because the file had that name before, or
// because another one has the same contents. An inode only says where to look; contents are the proof.
import { isLink } from '../../core/attributes.ts'
import { type ErrorCode, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Entry, ObjectInfo } from '../../core/store.ts'
import { leastContent } from '../../state/pairs.ts'
import type { PairRow } from '../../state/types.ts'
import { crc64nvmeOf } from '../../transfer/digest.ts'
import { compareContents } from '../evidence.ts'
import { statOrUndefined } from '../look.ts'
import { rowOf } from '../plan/origin.ts'
import type { PlannedOrigin } from '../plan/types.ts'
import { seenAt, type Session } from '../session.ts'
import { asRecorded } from './as-recorded.ts'
import { oldNameGoes } from './old-names.ts'
import { findAside } from './set-aside.ts'

/** What the destination has under another name. */
export interface Origin {
  readonly name: Key
  readonly there: ObjectInfo
  readonly crc64nvme: bigint | undefined
  /** The file had that name, and what is there is to be removed. */
  readonly isRename: boolean
}

/** Rows that are looked at for one file: hard links have many. */
const mostRows = 4

/**
 * Undefined where nothing is proven to have the bytes: then they are sent.
 * @param planned where a plan says they are: nothing else is tried then
 */
export async function findOrigin(
  session: Session,
  name: string,
  source: Entry,
  planned?: PlannedOrigin,
): Promise<Origin | undefined> {
  if (!isTraceable(session, source)) return undefined
  const digest = digestOnce(session, source)
  const apart = await originApart(session, source, digest)
  if (apart) return apart
  const rows = planned ? [rowOf(planned, source)] : rowsToTry(session, name, source, digest)
  for await (const row of rows) {
    const origin = await unlessRefused(() => originAt(session, source, row, digest))
    if (origin) return origin
  }
  return undefined
}

/** What says that the destination is not to be asked, or does not copy: then the file is sent. */
export const refused: ReadonlySet<ErrorCode> = new Set([
  'permission-denied',
  'unsupported',
  'invalid-argument',
])

async function unlessRefused<T>(find: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if (isHawserError(error) && refused.has(error.code)) return undefined
    throw error
  }
}

function isTraceable({ renames }: Session, { kind, size, file }: Entry): boolean {
  return renames !== undefined && kind === 'file' && size > 0 && file !== undefined
}

type Digest = () => Promise<bigint | undefined>

async function* rowsToTry(
  session: Session,
  name: string,
  source: Entry,
  digest: Digest,
): AsyncGenerator<PairRow> {
  for (const row of await rowsOfInode(session, name, source))
    if (row.source.size === source.size) yield row
  const { pair, options, renames } = session
  const { pairs } = options.state
  const { size } = source
  if (!renames?.byContent || size < leastContent || !(await pairs.ofSize(pair, size))) return
  const crc64nvme = await digest()
  if (crc64nvme === undefined) return
  for (const row of await pairs.ofContent(pair, size, crc64nvme)) if (row.key !== name) yield row
}

/** What the file was under other names. */
export async function rowsOfInode(
  { options, pair }: Session,
  name: string,
  { file }: Entry,
): Promise<readonly PairRow[]> {
  if (!file) return []
  const rows = await options.state.pairs.ofInode(pair, file.inode)
  return rows.filter(({ key }) => key !== name).slice(0, mostRows)
}

async function originAt(
  session: Session,
  source: Entry,
  row: PairRow,
  digest: Digest,
): Promise<Origin | undefined> {
  const isOwn = source.file?.inode === row.source.inode
  const there = await asRecorded(session, row)
  if (!there || isLink(there.attributes)) return undefined
  if (!(await isProven(session, source, there, row, digest))) return undefined
  if (!isOwn && !(await isPlain(session, there))) return undefined
  return {
    name: row.key,
    there,
    crc64nvme: await digest(),
    isRename: await oldNameGoes(session, source, row),
  }
}

/** Another file's object is copied only where it has nothing that an upload would not have. */
async function isPlain(
  { to, costs, options, transfer: { signal } }: Session,
  { key }: ObjectInfo,
): Promise<boolean> {
  const call = { signal, meter: costs.asking('target'), tags: true }
  const { metadata, properties = {}, storageClass } = await to.store.stat(key, call)
  const { contentEncoding, contentDisposition, contentLanguage, cacheControl, expires, tags } =
    properties
  const told = [contentEncoding, contentDisposition, contentLanguage, cacheControl, expires]
  const wanted = options.properties?.storageClass ?? 'STANDARD'
  return (
    Object.keys(metadata).length === 0 &&
    told.every((value) => value === undefined) &&
    (tags === undefined || Object.keys(tags).length === 0) &&
    (storageClass ?? 'STANDARD') === wanted
  )
}

/** What was set aside for the file. */
async function originApart(
  session: Session,
  source: Entry,
  digest: Digest,
): Promise<Origin | undefined> {
  const found = source.file && (await findAside(session, source.file.inode))
  if (!found) return undefined
  const { to, transfer } = session
  const there = await statOrUndefined(to.store, found.key, transfer)
  if (there?.etag === undefined || there.etag !== found.etag) return undefined
  if (!(await isProven(session, source, there, found, digest))) return undefined
  return { name: found.name, there, crc64nvme: await digest(), isRename: false }
}

async function isProven(
  session: Session,
  source: Entry,
  there: ObjectInfo,
  { crc64nvme }: Pick<PairRow, 'crc64nvme'>,
  digest: Digest,
): Promise<boolean> {
  if (crc64nvme !== undefined) return crc64nvme === (await digest())
  const { from, to, costs, transfer } = session
  const here = { store: from.store, seen: seenAt(from, source), entry: source }
  const other = {
    store: to.store,
    seen: seenAt(to, there),
    entry: there,
    meter: costs.asking('target'),
  }
  return (await compareContents(here, other, undefined, transfer)).same
}

/** Of the file as it was listed, read once; undefined where it is no longer that. */
function digestOnce({ from, transfer }: Session, source: Entry): Digest {
  let digest: Promise<bigint | undefined> | undefined
  return () => {
    digest ??= crc64nvmeOf(from.store, seenAt(from, source), transfer).catch((error: unknown) => {
      if (isHawserError(error) && error.code === 'precondition-failed') return undefined
      throw error
    })
    return digest
  }
}
