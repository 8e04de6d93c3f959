// `signature`: what objects are made of, as it is kept for them, or from their bytes.
import { deltaOptions, type DeltaValues } from '../../config/delta.ts'
import { flag, type SpecsOf, text } from '../../config/option.ts'
import { HawserError, isHawserError } from '../../core/errors.ts'
import { addressOfPlace, type Place } from '../../core/place.ts'
import type { ObjectInfo, Store } from '../../core/store.ts'
import { encodeSignature } from '../../delta/signature/format.ts'
import { asOperands } from '../../pattern/operands.ts'
import { transferMemory } from '../../sync/options.ts'
import { BufferPool } from '../../transfer/buffers.ts'
import { SignatureShelf } from '../../transfer/delta/shelf.ts'
import { sign } from '../../transfer/delta/sign.ts'
import { canStitch } from '../../transfer/delta/upload.ts'
import { defaultPartSize } from '../../transfer/parts.ts'
import {
  type Command,
  type Context,
  defineCommand,
  type FoundSignature,
  usageError,
} from '../command.ts'
import { oneObject } from '../object.ts'
import { literalOption, openObjects, patternHelp, regexOption } from '../pattern.ts'

interface SignatureValues extends Pick<DeltaValues, 'blockSize' | 'noSidecar'> {
  readonly make: boolean
  readonly output: string | undefined
  readonly chunks: boolean
  readonly literal: boolean
  readonly regex: string | undefined
}

const { blockSize, noSidecar } = deltaOptions

const options: SpecsOf<SignatureValues> = {
  make: flag('--make', 'read the object, and keep its signature as an upload would have'),
  output: text('-o, --output <file>', 'write the signature there, as uploads keep it'),
  chunks: flag('--chunks', 'show each chunk too: where it begins, its size, its BLAKE3'),
  blockSize,
  noSidecar,
  regex: regexOption,
  literal: literalOption,
}

export const signature: Command = defineCommand({
  arguments: { usage: 'FILE|URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options,
  details: `Of an object in a bucket: the signature that an upload has kept, and whether the object still is what it was made of. With --make: a new one, for objects that other programs wrote, so that the next upload sends only what changed. Of a file: one made from its bytes. ${patternHelp}`,
  examples: [
    ['signature s3://bucket/model.bin', 'whether the next upload can be a delta'],
    ['signature --make s3://bucket/model.bin', 'reads it once, so that it can'],
    ['signature model.bin', 'how a file is cut'],
    ['signature -o model.sig model.bin', 'the same in the binary format, to a file'],
  ],
  async run(addresses, given, context) {
    const { output, chunks } = given
    const { places, several } = await openObjects(addresses, given, 'signature', context)
    if (several && output !== undefined)
      throw usageError('--output takes the signature of one object')
    const failures: HawserError[] = []
    const onFailure = (error: unknown): void => {
      if (!several || !isHawserError(error) || error.code === 'interrupted') throw error
      failures.push(error)
      context.onEvent({ type: 'error', error })
    }
    const found = signaturesOf(places, given, context, onFailure)
    if (output === '-') return { kind: 'bytes', bytes: encoded(found) }
    const signatures = output === undefined ? found : written(found, output, context)
    return { kind: 'signatures', signatures, chunks, failures }
  },
})

async function* signaturesOf(
  places: AsyncIterable<Place>,
  given: SignatureValues,
  context: Context,
  onFailure: (error: unknown) => void,
): AsyncGenerator<FoundSignature> {
  for await (const place of places)
    try {
      yield await signatureOf(place, given, context)
    } catch (error) {
      onFailure(error)
    }
}

async function signatureOf(
  place: Place,
  given: SignatureValues,
  context: Context,
): Promise<FoundSignature> {
  const { store, prefix } = place
  const { signal, meter } = context
  const info = await store.stat(prefix, { signal, meter })
  const address = addressOfPlace(place)
  const shelf = canStitch(store) ? await shelfOf(store, given, context) : undefined
  if (shelf && !given.make) {
    const kept = await shelf.look(info)
    if (!kept) throw noneOf(place)
    const { where, ...found } = kept
    return { address, from: where, ...found }
  }
  if (given.make && !shelf) throw notKept(place)
  const made = await signNow(info, store, given, context)
  await shelf?.keep(prefix, made)
  const stored = encodeSignature(made).length
  return { address, signature: made, from: 'bytes', isFresh: true, stored }
}

function signNow(
  info: ObjectInfo,
  source: Store,
  { blockSize: average }: SignatureValues,
  { signal, meter }: Context,
): ReturnType<typeof sign> {
  const buffers = new BufferPool(transferMemory, defaultPartSize)
  return sign(info, average, { source, buffers, signal, meter })
}

async function shelfOf(
  store: Store,
  given: SignatureValues,
  { state, signal, meter, onEvent }: Context,
): Promise<SignatureShelf> {
  return new SignatureShelf({
    store,
    known: (await state()).signatures,
    reserved: given.noSidecar ? undefined : store.traits.reserved,
    onWarning: (message) => onEvent({ type: 'warn', message, address: undefined }),
    signal,
    meter,
  })
}

async function* encoded(found: AsyncIterable<FoundSignature>): AsyncGenerator<Uint8Array> {
  for await (const one of found) yield encodeSignature(one.signature)
}

/** Gives each on when it is written. */
async function* written(
  found: AsyncIterable<FoundSignature>,
  output: string,
  { open, signal, meter }: Context,
): AsyncGenerator<FoundSignature> {
  const { store, prefix } = await open(output)
  oneObject(store, prefix, 'signature --output')
  for await (const one of found) {
    await store.write(prefix, encodeSignature(one.signature), { signal, meter })
    yield one
  }
}

function noneOf(place: Place): HawserError {
  return new HawserError('not-found', 'no signature is kept for it', {
    op: 'signature',
    location: place.store.location,
    key: place.prefix,
    hint: `Make one with: hawser signature --make ${asOperands([addressOfPlace(place)])}`,
  })
}

function notKept({ store, prefix }: Place): HawserError {
  return new HawserError('invalid-argument', 'no signatures are kept for files', {
    op: 'signature',
    location: store.location,
    key: prefix,
    hint: 'Without --make it is shown.',
  })
}
