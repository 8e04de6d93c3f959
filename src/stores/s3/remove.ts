// Removal: many keys in one DeleteObjects, or one by one where a key or its condition wants that.
import { hash } from 'node:crypto'
import { isHawserError } from '../../core/errors.ts'
import { type Key, keyBytes } from '../../core/key.ts'
import type { CallOptions, KeyRef, Removal } from '../../core/store.ts'
import {
  escapeXml,
  isXmlText,
  MalformedXml,
  needText,
  textOf,
  type XmlElement,
} from '../../wire/xml.ts'
import { maxKeyBytes } from './address.ts'
import type { Call, Client } from './client.ts'
import { sendGuarded } from './conditions.ts'
import { statObject, unexpected } from './objects.ts'

/** S3: "The request can contain a list of up to 1,000 keys." */
const batchSize = 1000
/** Removals that need a request of their own, in flight at once. */
const singles = 32
/** How long a batch waits for more, in milliseconds. */
const patience = 100

export async function* removeObjects(
  client: Client,
  refs: AsyncIterable<KeyRef>,
  options: CallOptions = {},
): AsyncGenerator<Removal> {
  client.throwIfAborted({ op: 'remove', options })
  for await (const group of groups(refs)) {
    client.throwIfAborted({ op: 'remove', options })
    const results = await Promise.all([
      removeBatch(client, group.batch, options),
      ...group.alone.map((ref) => removeOne(client, ref, options)),
    ])
    client.throwIfAborted({ op: 'remove', options })
    yield* results.flat()
  }
}

interface Group {
  readonly batch: readonly Key[]
  readonly alone: readonly KeyRef[]
}

/** What is removed together: as much as fits, or as has come when the source stalls or ends. */
async function* groups(refs: AsyncIterable<KeyRef>): AsyncGenerator<Group> {
  const source = refs[Symbol.asyncIterator]()
  let batch: Key[] = []
  let alone: KeyRef[] = []
  const take = (): Group => {
    const group = { batch, alone }
    batch = []
    alone = []
    return group
  }
  let finished = false
  try {
    for (;;) {
      const next = source.next()
      next.catch(() => {}) // told below
      if (batch.length + alone.length > 0 && (await stalls(next))) yield take()
      const result = await next
      if (result.done) {
        finished = true
        break
      }
      const ref = result.value
      if (goesWithOthers(ref)) batch.push(ref.key)
      else alone.push(ref)
      if (batch.length >= batchSize || alone.length >= singles) yield take()
    }
    if (batch.length + alone.length > 0) yield take()
  } finally {
    if (!finished) await source.return?.()
  }
}

function goesWithOthers({ key, etag, version }: KeyRef): boolean {
  const isPlain = etag === undefined && version === undefined && isXmlText(key)
  return isPlain && key !== '' && keyBytes(key) <= maxKeyBytes
}

async function stalls(next: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, patience, true)
  const arrived = () => resolve(false)
  next.then(arrived, arrived)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

async function removeOne(client: Client, ref: KeyRef, options: CallOptions): Promise<Removal[]> {
  const { key, etag, version } = ref
  const call = { op: 'remove', kind: 'remove', method: 'DELETE', key, options } as const
  try {
    const response = await sendGuarded(
      client,
      {
        op: 'remove',
        condition: etag === undefined ? undefined : { kind: 'if-match', etag },
        async look() {
          const found = await statObject(client, key, options, 'remove')
          if (found.etag !== etag) throw unexpected(client, key, 'remove')
          return found
        },
        // Older services do.
        mayIgnore: !client.computesChecksums,
      },
      async (headers) => client.call({ ...call, query: { versionId: version }, headers }),
    )
    await response.discard()
    const isMarked = response.headers.get('x-amz-delete-marker') === 'true'
    const marker = isMarked ? response.headers.get('x-amz-version-id') : undefined
    return [{ key, error: undefined, marker }]
  } catch (error) {
    return [{ key, error: absentIsFine(error) }]
  }
}

/** A missing object counts as removed; a missing bucket does not. */
function absentIsFine(error: unknown): Error | undefined {
  if (!(error instanceof Error)) throw error
  return isHawserError(error) && error.code === 'not-found' && error.key !== undefined
    ? undefined
    : error
}

async function removeBatch(
  client: Client,
  keys: readonly Key[],
  options: CallOptions,
): Promise<Removal[]> {
  const [first, second] = keys
  if (first === undefined) return []
  if (second === undefined) return removeOne(client, { key: first }, options)
  const objects = keys.map((key) => `<Object><Key>${escapeXml(key)}</Key></Object>`).join('')
  const body = Buffer.from(
    `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${objects}</Delete>`,
  )
  const call: Call = {
    op: 'remove',
    kind: 'remove',
    method: 'POST',
    query: { delete: '' },
    headers: { 'content-type': 'application/xml', 'content-md5': hash('md5', body, 'base64') },
    body,
    options,
  }
  try {
    return await client.document(call, 'DeleteResult', (root) => removals(client, keys, root))
  } catch (error) {
    if (!isHawserError(error)) throw error
    return keys.map((key) => ({ key, error: error.with({ key }) }))
  }
}

/** Each key that was sent is answered, as deleted or with its error; anything else is no answer. */
function removals(client: Client, keys: readonly Key[], root: XmlElement): Removal[] {
  const answers = new Map<string, XmlElement>()
  for (const element of root.children)
    if (element.name === 'Deleted' || element.name === 'Error')
      answers.set(needText(element, 'Key'), element)
  return keys.map((key) => {
    const answer = answers.get(key)
    if (!answer) throw new MalformedXml('a key is not answered for')
    if (answer.name === 'Deleted')
      return { key, error: undefined, marker: textOf(answer, 'DeleteMarkerVersionId') }
    const said = { code: textOf(answer, 'Code') ?? '', message: textOf(answer, 'Message') ?? '' }
    return { key, error: absentIsFine(client.failure(said, { op: 'remove', key })) }
  })
}
