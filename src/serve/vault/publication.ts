// How a new version takes its place: under the key's lock, in steps each of which may be the last one before a crash.
//
//   begin   conditions; a latest version that stays goes to the hidden place; at a plain name the new row is written
//   (the caller publishes the bytes: the Store does that at once, or not at all)
//   commit  elsewhere the new row is written; what was replaced is removed
//
// Where rows tell bytes by their time, the row at a plain name comes first and counts once its bytes are there.
// In the hidden place, whose names are never used twice, bytes come first and count once their row is there.
import { isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Entry } from '../../core/store.ts'
import { checkConditions } from './conditions.ts'
import type { VaultContext } from './context.ts'
import type { Change, VersionRow } from './ledger/types.ts'
import { displace, displaced } from './displace.ts'
import { look } from './look.ts'
import { isToldByTime, matchOf, matchOfTime } from './match.ts'
import { freeAll } from './leftovers.ts'
import { plainKey } from './places.ts'
import { placesOf, removals } from './removals.ts'
import { removeBytes } from './remove-bytes.ts'
import { isObject, resolve, type Resolved, type Stored } from './resolve.ts'
import type { Bucket, ObjectRecord, ObjectVersion, PutOptions, Versioning } from './types.ts'
import { newVersion, versioningOf } from './versioning.ts'

/** A version that is about to be published. */
export interface Draft {
  readonly size: number
  readonly record: ObjectRecord
  /** Microseconds since 1970, from the vault's clock: the time that its bytes will have. */
  readonly time: number
  /** Where its bytes will be. */
  readonly place: Key
  /** At the object's own name. */
  readonly plain: boolean
}

export class Publication implements AsyncDisposable {
  readonly #context: VaultContext
  readonly #bucket: Bucket
  readonly #key: string
  readonly #options: PutOptions
  #lock: Disposable | undefined
  #beginning: Promise<void> | undefined
  #row: VersionRow | undefined
  /** The new row is in the ledger, and the bytes may not be published. */
  #written = false
  #before: Resolved | undefined

  constructor(context: VaultContext, bucket: Bucket, key: string, options: PutOptions) {
    this.#context = context
    this.#bucket = bucket
    this.#key = key
    this.#options = options
  }

  /**
   * From here on nobody else changes the key, until this is disposed of.
   * @throws S3Error PreconditionFailed
   */
  async begin(draft: Draft): Promise<void> {
    return (this.#beginning = this.#begin(draft))
  }

  async #begin(draft: Draft): Promise<void> {
    const { ledger, store, locks } = this.#context
    const { name } = this.#bucket
    this.#lock = await locks.acquire(name, this.#key)
    const versioning = versioningOf(this.#context, this.#bucket)
    const before = await this.#lookBefore(draft, versioning)
    checkConditions(this.#options.conditions, before)
    this.#before = before
    this.#row = this.#rowOf(draft, newVersion(versioning), before)
    const stays = displaced(before, this.#row.version)
    this.#written = draft.plain && isToldByTime(store)
    const written = this.#written ? [this.#row] : []
    if (stays) await displace(this.#context, name, stays, this.#row.sequence - 1, written)
    else await ledger.write(...written.map((row) => ({ do: 'put-version', row }) as const))
  }

  /**
   * What the key holds, as far as it matters: where the file at the object's own name is replaced whatever it is,
   * nobody needs to look at it.
   */
  async #lookBefore({ plain }: Draft, versioning: Versioning): Promise<Resolved> {
    const { store, ledger } = this.#context
    const { name } = this.#bucket
    const { ifMatch, ifNoneMatch } = this.#options.conditions
    if (!plain || versioning !== 'off' || ifMatch || ifNoneMatch)
      return look(this.#context, name, this.#key, this.#options)
    return resolve(store, name, this.#key, ledger.versions(name, this.#key), undefined)
  }

  /** The bytes are published. @param entry what the Store says of them */
  async commit(entry: Entry): Promise<ObjectVersion> {
    const row = this.#row
    const before = this.#before
    if (!row?.record || !before) throw new Error('committed before it began')
    const { ledger, store } = this.#context
    const changes: Change[] = []
    if (!this.#written)
      changes.push({ do: 'put-version', row: { ...row, match: matchOf(store, entry) } })
    // It was a leftover until now: see `put`.
    if (row.place !== undefined) changes.push({ do: 'remove-leftover', place: row.place })
    const replaced = before.versions.filter(({ version }) => version.version === row.version)
    changes.push(...removals([...before.stale, ...replaced.flatMap(({ row: old }) => old ?? [])]))
    const places = placesOf([...before.stale, ...replaced.flatMap(({ row: old }) => old ?? [])])
    const written = changes.length > 0 ? ledger.write(...changes) : undefined
    // A row at a plain name is there already, and what it replaced no longer counts: no need to wait.
    if (this.#written && places.length === 0) written?.catch(() => {})
    else if (this.#written) await written?.catch(() => {})
    else await written
    this.#written = false
    await this.#removeReplaced(replaced, row)
    await freeAll(this.#context, places)
    const { key, version, modified, size, record } = row
    return { kind: 'object', key, version, latest: true, modified, size, record }
  }

  /**
   * Frees the key. A row that was written and not committed is taken back, unless its bytes are there: a Store may fail
   * after it has published them. Where it stays without them, it counts for nothing.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    // A Store that gives up may not wait for what it has asked of its source.
    await this.#beginning?.catch(() => {})
    if (this.#written && this.#row && (await this.#isUnpublished(this.#row)))
      await this.#context.ledger.write(...removals([this.#row])).catch(() => {})
    this.#lock?.[Symbol.dispose]()
  }

  async #isUnpublished({ match }: VersionRow): Promise<boolean> {
    const { store } = this.#context
    try {
      return matchOf(store, await store.stat(plainKey(this.#bucket.name, this.#key))) !== match
    } catch (error) {
      return isHawserError(error) && error.code === 'not-found'
    }
  }

  #rowOf(draft: Draft, version: string, before: Resolved): VersionRow {
    const { size, record, time, place, plain } = draft
    return {
      bucket: this.#bucket.name,
      key: this.#key,
      version,
      sequence: nextSequence(before, time),
      marker: false,
      place: plain ? undefined : place,
      match: matchOfTime(size, time),
      size,
      modified: Math.floor(time / 1000),
      record,
    }
  }

  /** Bytes at the object's own name, where the new ones did not take their place. */
  async #removeReplaced(replaced: readonly Stored[], row: VersionRow): Promise<void> {
    for (const stored of replaced)
      if (isObject(stored) && stored.plain && row.place !== undefined)
        await removeBytes(this.#context.store, stored.place)
  }
}

/**
 * Of a version that comes now; the number before it is free too.
 * @param time microseconds since 1970
 */
export function nextSequence({ versions, stale }: Resolved, time: number): number {
  let next = time
  for (const { sequence } of stale) next = Math.max(next, sequence + 2)
  for (const { row } of versions) if (row) next = Math.max(next, row.sequence + 2)
  return next
}
