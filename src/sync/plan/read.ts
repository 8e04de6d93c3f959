// A plan's lines read back, as write.ts wrote them: what is not as it can write it is refused.
import { HawserError } from '../../core/errors.ts'
import { Fields } from '../../core/fields.ts'
import { isKey, type Key } from '../../core/key.ts'
import type { EntryKind } from '../../core/store.ts'
import { parseIsoTime } from '../../core/time.ts'
import { readSettings } from './settings.ts'
import type { PlanEnd, PlanHeader, PlannedAction, PlannedOrigin, PlannedPlace } from './types.ts'
import type { SeenState } from './types.ts'
import { format, version } from './write.ts'

/** What is read of a plan's first line. */
export type ReadHeader = Omit<PlanHeader, 'totals' | 'selection'>

/** @throws HawserError invalid-config for what is no plan; unsupported for one of another version */
export function readHeader(text: string, file: string): ReadHeader {
  const fields = read(text, file, 1)
  if (!fields.is('format', format)) throw refused(file, 'its first line is not that of a plan')
  if (!fields.is('version', version))
    throw new HawserError('unsupported', 'the plan is of a version that is not known', {
      ...at(file),
      hint: 'Make it anew with this hawser, or apply it with the one that made it.',
    })
  const created = new Date(fields.text('created'))
  if (Number.isNaN(created.getTime())) throw fields.wrong('created', 'is not a time')
  const counts = fields.object('counts')
  const seen = fields.object('seen')
  const count = (name: string): number => counts.given(name, 'number')
  return {
    created,
    hawser: fields.text('hawser'),
    from: readPlace(fields.object('from')),
    to: readPlace(fields.object('to')),
    settings: readSettings(fields.object('options')),
    counts: {
      copied: count('copied'),
      renamed: count('renamed'),
      updated: count('updated'),
      removed: count('removed'),
      unchanged: count('unchanged'),
      skipped: count('skipped'),
      archived: count('archived'),
      bytes: count('bytes'),
      saved: count('saved'),
    },
    actions: fields.given('actions', 'number'),
    seen: { source: seen.given('source', 'number'), target: seen.given('target', 'number') },
  }
}

function readPlace(fields: Fields): PlannedPlace {
  return {
    address: fields.text('address'),
    endpoint: fields.optional('endpoint', 'string'),
    reserved: fields.optional('reserved', 'string'),
  }
}

/** @throws HawserError invalid-config */
export function readLine(
  text: string,
  file: string,
  number: number,
): PlannedAction | { readonly do: 'end'; readonly end: PlanEnd } {
  const fields = read(text, file, number)
  if (fields.has('end')) {
    const end = fields.object('end')
    const [actions, sha256] = [end.given('actions', 'number'), end.text('sha256')]
    return { do: 'end', end: { actions, sha256 } }
  }
  return readAction(fields)
}

function readAction(fields: Fields): PlannedAction {
  const name = readName(fields)
  const what = fields.text('do')
  switch (what) {
    case 'copy':
    case 'rename': {
      const from = fields.has('from') ? readOriginFields(fields.object('from')) : undefined
      const waits = fields.optional('waits', 'boolean')
      if (what === 'rename' && !from) throw fields.wrong('from', 'is missing')
      return { do: what, name, from, ...readStates(fields), instead: readInstead(fields), waits }
    }
    case 'directory':
      return { do: what, name, ...readStates(fields), instead: readInstead(fields) }
    case 'update': {
      const target = readState(fields.object('target'))
      const source = readState(fields.object('source'))
      return { do: what, name, source, target, crc64nvme: readCrc(fields) }
    }
    case 'remove': {
      const source = fields.has('source') ? readState(fields.object('source')) : undefined
      const old = fields.optional('old', 'boolean')
      return { do: what, name, source, target: readState(fields.object('target')), old }
    }
    case 'vacate':
      if (!name.endsWith('/')) throw fields.wrong('name', 'is no directory')
      return { do: what, name }
    default:
      throw fields.wrong('do', 'is nothing that a plan can say')
  }
}

function readStates(fields: Fields): { source: SeenState; target: SeenState | undefined } {
  const target = fields.has('target') ? readState(fields.object('target')) : undefined
  return { source: readState(fields.object('source')), target }
}

function readName(fields: Fields): Key {
  const name = fields.text('name')
  if (!isKey(name)) throw fields.wrong('name', 'is not valid Unicode')
  return name
}

function readInstead(fields: Fields): 'file' | 'directory' | undefined {
  const instead = fields.optional('instead', 'string')
  if (instead === undefined || instead === 'file' || instead === 'directory') return instead
  throw fields.wrong('instead', 'is neither a file nor a directory')
}

const kinds: readonly EntryKind[] = ['file', 'directory', 'symlink', 'special']

function readState(fields: Fields): SeenState {
  const kind = kinds.find((one) => fields.is('kind', one))
  if (!kind) throw fields.wrong('kind', 'is none of an object')
  return {
    kind,
    size: fields.given('size', 'number'),
    modified: readTime(fields, 'modified'),
    etag: fields.optional('etag', 'string'),
    version: fields.optional('version', 'string'),
    storageClass: fields.optional('storageClass', 'string'),
    file: fields.has('inode') ? readFile(fields) : undefined,
  }
}

function readFile(fields: Fields): SeenState['file'] {
  const inode = fields.text('inode')
  if (!/^\d{1,20}$/.test(inode)) throw fields.wrong('inode', 'is not a number')
  const mode = fields.text('mode')
  if (!/^[0-7]{1,8}$/.test(mode)) throw fields.wrong('mode', 'is not an octal number')
  return { inode: BigInt(inode), ctime: readTime(fields, 'ctime'), mode: Number.parseInt(mode, 8) }
}

/** As originFields gives it. @throws HawserError invalid-config */
export function readOrigin(value: unknown): PlannedOrigin {
  return readOriginFields(new Fields(value, 'from', (why) => refused('', why)))
}

function readOriginFields(fields: Fields): PlannedOrigin {
  const by = fields.text('by')
  if (by !== 'file' && by !== 'content') throw fields.wrong('by', 'is neither file nor content')
  return {
    name: readName(fields),
    by,
    size: fields.given('size', 'number'),
    etag: fields.optional('etag', 'string'),
    crc64nvme: readCrc(fields),
  }
}

function readCrc(fields: Fields): bigint | undefined {
  const text = fields.optional('crc64nvme', 'string')
  if (text === undefined) return undefined
  if (!/^[0-9a-f]{16}$/.test(text)) throw fields.wrong('crc64nvme', 'is not 16 digits in hex')
  return BigInt(`0x${text}`)
}

function readTime(fields: Fields, name: string): bigint {
  const text = fields.text(name)
  const time = /^-?\d{22,30}$/.test(text) ? BigInt(text) : parseIsoTime(text)
  if (time === undefined) throw fields.wrong(name, 'is not a time')
  return time
}

function read(text: string, file: string, number: number): Fields {
  const refuse = (why: string): HawserError => refused(file, `line ${number}: ${why}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse('this is not JSON')
  }
  return new Fields(value, '', refuse)
}

export function refused(file: string, why: string): HawserError {
  return new HawserError('invalid-config', `not a whole plan: ${why}`, {
    ...at(file),
    hint: 'Make it anew with hawser plan. What is changed by hand is refused, too.',
  })
}

function at(file: string): {
  op: string
  location: { scheme: string; endpoint: undefined; root: string }
} {
  return { op: 'apply', location: { scheme: 'file', endpoint: undefined, root: file } }
}
