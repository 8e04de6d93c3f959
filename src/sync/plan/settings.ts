// The options of a run that decide how what was planned is carried out: they come from the plan, and not from who applies
// it.
import { addressOfPlace } from '../../core/place.ts'
import type { ObjectProperties } from '../../core/store.ts'
import { type Fields } from '../../core/fields.ts'
import { type Coding, codings } from '../../transfer/compress/codings.ts'
import type { DeltaOptions, LinkPolicy, SyncOptions } from '../options.ts'

const switches = [
  'archive',
  'xattrs',
  'numericIds',
  'skipVanished',
  'verify',
  'delete',
  'checksum',
  'sizeOnly',
  'compareMetadata',
  'exactTimestamps',
  'update',
  'ignoreExisting',
  'existing',
] as const
/** What is so unless it is switched off. */
const negations = ['renames', 'dedupeCopy'] as const
type Switch = (typeof switches)[number] | (typeof negations)[number]

export interface PlanSettings extends Pick<
  SyncOptions,
  | Switch
  | 'links'
  | 'metadata'
  | 'contentType'
  | 'properties'
  | 'delta'
  | 'compress'
  | 'modifyWindow'
> {
  /** The address. */
  readonly backupDir?: string | undefined
  /** The destination's bucket is to be made where it is missing. */
  readonly createBucket?: boolean | undefined
  /** The destination, or the source, was reached with a key of the customer's, which is in no plan. */
  readonly customerKey?: boolean | undefined
  readonly customerSourceKey?: boolean | undefined
}

export function settingsOf(options: SyncOptions): PlanSettings {
  const on = switches.map((name) => [name, options[name] || undefined])
  const off = negations.map((name) => [name, options[name] === false ? false : undefined])
  const { links, metadata, contentType, properties, delta, compress, modifyWindow } = options
  const { backupDir, missingIsEmpty } = options
  return {
    ...Object.fromEntries([...on, ...off]),
    links,
    metadata,
    contentType,
    properties,
    delta,
    compress,
    modifyWindow,
    backupDir: backupDir && addressOfPlace(backupDir),
    createBucket: missingIsEmpty || undefined,
  }
}

/** As JSON has them: what was not given is left out. */
export function settingsFields({ modifyWindow, ...settings }: PlanSettings): object {
  return { ...settings, modifyWindow: modifyWindow?.toString() }
}

/** @throws what `fields` refuses with */
export function readSettings(fields: Fields): PlanSettings {
  const given = Object.fromEntries(
    [...switches, ...negations].map((name) => [name, fields.optional(name, 'boolean')]),
  )
  const properties = fields.has('properties') ? fields.object('properties') : undefined
  const window = fields.optional('modifyWindow', 'string')
  if (window !== undefined && !/^\d{1,30}$/.test(window))
    throw fields.wrong('modifyWindow', 'is not a number of nanoseconds')
  return {
    ...given,
    links: oneOf<LinkPolicy>(fields, 'links', ['skip', 'copy', 'preserve']),
    metadata: readTexts(fields, 'metadata'),
    contentType: fields.optional('contentType', 'string'),
    properties: properties && readProperties(properties),
    delta: readDelta(fields),
    compress: oneOf<Coding>(fields, 'compress', codings),
    modifyWindow: window === undefined ? undefined : BigInt(window),
    backupDir: fields.optional('backupDir', 'string'),
    createBucket: fields.optional('createBucket', 'boolean'),
    customerKey: fields.optional('customerKey', 'boolean'),
    customerSourceKey: fields.optional('customerSourceKey', 'boolean'),
  }
}

function readDelta(fields: Fields): DeltaOptions | false | undefined {
  if (!fields.has('delta')) return undefined
  if (fields.is('delta', false)) return false
  const delta = fields.object('delta')
  return {
    threshold: delta.optional('threshold', 'number'),
    average: delta.optional('average', 'number'),
    sidecars: delta.optional('sidecars', 'boolean'),
  }
}

const propertyTexts = [
  'cacheControl',
  'contentEncoding',
  'contentDisposition',
  'contentLanguage',
  'expires',
  'storageClass',
  'acl',
] as const

function readProperties(fields: Fields): ObjectProperties {
  const texts = Object.fromEntries(
    propertyTexts.map((name) => [name, fields.optional(name, 'string')]),
  )
  const encryption = fields.has('encryption') ? fields.object('encryption') : undefined
  const algorithm =
    encryption && oneOf(encryption, 'algorithm', ['AES256', 'aws:kms', 'aws:kms:dsse'])
  return {
    ...texts,
    tags: readTexts(fields, 'tags'),
    encryption: algorithm && { algorithm, keyId: encryption.optional('keyId', 'string') },
  }
}

function readTexts(fields: Fields, name: string): Record<string, string> | undefined {
  if (!fields.has(name)) return undefined
  const named = fields.object(name)
  return Object.fromEntries(named.names().map((key) => [key, named.optional(key, 'string') ?? '']))
}

function oneOf<const T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const given = fields.optional(name, 'string')
  if (given === undefined) return undefined
  const choice = choices.find((one) => one === given)
  if (choice === undefined) throw fields.wrong(name, `is none of ${choices.join(', ')}`)
  return choice
}
