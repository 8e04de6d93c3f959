// What a service charges: a price table, as a file that anybody can write. Version 1, documented in
// docs/formats/prices.md.
import type { Location } from '../core/location.ts'
import { HawserError } from '../core/errors.ts'
import { Fields } from '../core/fields.ts'

/** Prices are in `currency`; of requests for 1,000 of them; of storage for a gigabyte and a month of 30 days. */
export interface PriceTable {
  readonly name: string
  /** When the prices were so: `2026-06-20`. */
  readonly date: string
  /** Where they are published. */
  readonly source: string | undefined
  /** ISO 4217: `USD`. */
  readonly currency: string
  /** Domains of the services that charge them; empty for every service. */
  readonly endpoints: readonly string[]
  /** How many bytes the service calls a gigabyte. */
  readonly gigabyte: number
  /** Of requests that cost the same whatever the storage class. */
  readonly requests: Readonly<Record<'list' | 'remove' | 'control', number>>
  /** For each gigabyte that comes in. */
  readonly transferIn: number
  /** For each gigabyte that goes out, by how many went out before it. */
  readonly transferOut: readonly PriceTier[]
  /** The storage class of what has none. */
  readonly defaultClass: string
  readonly classes: ReadonlyMap<string, ClassPrices>
}

export interface PriceTier {
  /** Where the tier ends, counted from the first gigabyte; undefined for the last tier. */
  readonly upTo: number | undefined
  readonly price: number
}

export interface ClassPrices {
  /** For each gigabyte and month. */
  readonly storage: number
  /** By what `RequestKind` means; `write` also begins and completes what is sent in parts. */
  readonly requests: Readonly<Record<ClassRequestKind, number>>
  /** For each gigabyte that is read or copied. */
  readonly retrieval: number
  /** An object that goes sooner is charged for the rest of these days. */
  readonly minimumDays: number
  /** For each gigabyte and month of that rest. */
  readonly earlyDeletion: number
  /** Smaller objects are charged as if they had so many bytes. */
  readonly minimumBytes: number
  /** Charged with each object, as this class is. */
  readonly addedBytes: number
  /** Charged with each object, as the default class is. */
  readonly addedDefaultBytes: number
  /** What it costs to make an archived object readable, by tier; empty where none need be. */
  readonly restore: ReadonlyMap<string, RestorePrices>
}

export type ClassRequestKind = 'write' | 'part' | 'copy' | 'read' | 'stat'

export interface RestorePrices {
  /** For 1,000 objects. */
  readonly request: number
  /** For each gigabyte. */
  readonly retrieval: number
}

const format = 'hawser-prices'
const version = 1

/**
 * Reads a price table strictly: what it does not know is refused, since a misspelt price would be a wrong bill.
 * @param file its name, for errors
 * @throws HawserError invalid-config
 */
export function parsePrices(text: string, file: string): PriceTable {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw refused(file, 'this is not JSON', cause)
  }
  const table = new Fields(value, '', (why) => refused(file, why))
  table.must('format', format)
  if (table.number('version') > version) throw refused(file, 'it was made for a newer Hawser')
  table.must('version', version)
  const classes = new Map(table.each('classes', readClass))
  const defaultClass = table.text('defaultClass')
  if (!classes.has(defaultClass)) throw table.wrong('defaultClass', 'is none of the classes')
  const currency = table.text('currency')
  if (!/^[A-Z]{3}$/.test(currency)) throw table.wrong('currency', 'is no code of three letters')
  const gigabyte = table.number('gigabyte')
  if (gigabyte < 1) throw table.wrong('gigabyte', 'is less than a byte')
  const read: PriceTable = {
    name: table.text('name'),
    date: table.date('date'),
    source: table.has('source') ? table.text('source') : undefined,
    currency,
    endpoints: table.has('endpoints') ? table.texts('endpoints') : [],
    gigabyte,
    requests: readSharedRequests(table.object('requests')),
    transferIn: table.number('transferIn', 0),
    transferOut: readTiers(table),
    defaultClass,
    classes,
  }
  table.done()
  return read
}

function readClass(fields: Fields): ClassPrices {
  const storage = fields.number('storage')
  const read: ClassPrices = {
    storage,
    requests: readClassRequests(fields.object('requests')),
    retrieval: fields.number('retrieval', 0),
    minimumDays: fields.number('minimumDays', 0),
    earlyDeletion: fields.number('earlyDeletion', storage),
    minimumBytes: fields.number('minimumBytes', 0),
    addedBytes: fields.number('addedBytes', 0),
    addedDefaultBytes: fields.number('addedDefaultBytes', 0),
    restore: new Map(fields.has('restore') ? fields.each('restore', readRestore) : []),
  }
  fields.done()
  return read
}

function readRestore(fields: Fields): RestorePrices {
  const read = { request: fields.number('request'), retrieval: fields.number('retrieval') }
  fields.done()
  return read
}

function readSharedRequests(fields: Fields): PriceTable['requests'] {
  const read = {
    list: fields.number('list'),
    remove: fields.number('remove'),
    control: fields.number('control'),
  }
  fields.done()
  return read
}

function readClassRequests(fields: Fields): ClassPrices['requests'] {
  const read = {
    write: fields.number('write'),
    part: fields.number('part'),
    copy: fields.number('copy'),
    read: fields.number('read'),
    stat: fields.number('stat'),
  }
  fields.done()
  return read
}

function readTiers(table: Fields): PriceTier[] {
  const tiers = table.items('transferOut').map((fields) => {
    const upTo = fields.has('upTo') ? fields.number('upTo') : undefined
    const tier = { upTo, price: fields.number('price') }
    fields.done()
    return tier
  })
  let before = 0
  for (const [index, { upTo }] of tiers.entries()) {
    const last = index === tiers.length - 1
    if (last ? upTo !== undefined : upTo === undefined || upTo <= before)
      throw table.wrong('transferOut', 'is not of tiers that rise to a last one without "upTo"')
    before = upTo ?? before
  }
  if (tiers.length === 0) throw table.wrong('transferOut', 'has no tier')
  return tiers
}

/** Whether the service at the location charges what the table says. */
export function appliesTo({ endpoints }: PriceTable, { endpoint }: Location): boolean {
  if (endpoint === undefined) return false
  if (endpoints.length === 0) return true
  const { hostname } = new URL(endpoint)
  return endpoints.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))
}

/** The prices of a storage class, if the table has it. */
export function classPrices(table: PriceTable, name: string | undefined): ClassPrices | undefined {
  return table.classes.get(name ?? table.defaultClass)
}

function refused(file: string, why: string, cause?: unknown): HawserError {
  return new HawserError('invalid-config', `not a table of prices: ${why}`, {
    op: 'prices',
    location: { scheme: 'file', endpoint: undefined, root: file },
    hint: 'Its form is described in docs/formats/prices.md.',
    cause,
  })
}
