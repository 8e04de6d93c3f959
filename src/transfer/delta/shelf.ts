// Where the signatures of a store's objects are: in the state of this machine, and beside the objects, where other
// machines find them. What is found is believed only as far as its etag goes: that of the object, as it is now.
import { HawserError, isAbort, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Meter } from '../../core/meter.ts'
import { locationId } from '../../core/location.ts'
import type {
  CallOptions,
  KeyRef,
  ObjectInfo,
  ObjectProperties,
  Removal,
  RemoveOptions,
  Store,
} from '../../core/store.ts'
import { encodeSignature, maxSignatureSize, parseSignature } from '../../delta/signature/format.ts'
import { signatureKey } from '../../delta/signature/place.ts'
import type { Signature } from '../../delta/signature/types.ts'
import { defaultThreshold } from '../../delta/sizes.ts'
import type { Signatures } from '../../state/types.ts'

export interface ShelfOptions extends CallOptions {
  readonly store: Store
  /** Undefined: nothing is kept on this machine. */
  readonly known: Signatures | undefined
  /** The prefix that is kept for them in the store; undefined: nothing is kept there. */
  readonly reserved: Key | undefined
  /** Bytes; smaller objects have none that it would be worth to ask for. */
  readonly threshold?: number | undefined
  readonly onWarning: (message: string) => void
  /** How the store encrypts them. */
  readonly encryption?: ObjectProperties['encryption']
  /** Nothing is written, also not what was found. */
  readonly dryRun?: boolean | undefined
}

/** The state of an object that a signature must be of. */
export interface SignedObject extends KeyRef {
  readonly size: number
}

/** A signature as it was found. */
export interface KeptSignature {
  readonly signature: Signature
  readonly where: 'machine' | 'store'
  /** Bytes, as it is kept. */
  readonly stored: number
  /** Whether it is of the object as it is now; else it says nothing. */
  readonly isFresh: boolean
}

export class SignatureShelf {
  readonly #options: ShelfOptions
  readonly #place: string
  /** Why the store takes none: said once. */
  #refused = false
  /** Why this machine keeps none, or removes none: said once. */
  #isStuck = false

  constructor(options: ShelfOptions) {
    this.#options = options
    this.#place = locationId(options.store.location)
  }

  /** Whether what is kept is an object in the store too. */
  get writesBeside(): boolean {
    return this.#options.reserved !== undefined && !this.#refused
  }

  /** Undefined where there is none of this state of the object, or none that can be read. */
  async find(
    object: SignedObject,
    meter: Meter | undefined = this.#options.meter,
  ): Promise<Signature | undefined> {
    const kept = await this.look(object, meter)
    return kept?.isFresh ? kept.signature : undefined
  }

  /** What is kept for the object: of its present state where that is there, else of another one. */
  async look(
    object: SignedObject,
    meter: Meter | undefined = this.#options.meter,
  ): Promise<KeptSignature | undefined> {
    const { known, dryRun } = this.#options
    const mine = await this.#here(async () => known?.get(this.#place, object.key))
    const own = this.#read(object, 'machine', mine)
    if (own?.isFresh) return own
    const found = await this.#fetch(object, meter)
    const beside = this.#read(object, 'store', found)
    if (beside?.isFresh && found && !dryRun)
      await this.#here(async () => known?.put(this.#place, object.key, found))
    return beside ?? own
  }

  /** Of an object that was just written. What cannot be kept is a loss of time later, and no failure now. */
  async keep(key: Key, signature: Signature): Promise<void> {
    const bytes = encodeSignature(signature)
    await this.#here(async () => this.#options.known?.put(this.#place, key, bytes))
    await this.#beside(key, async (at, { store, encryption, signal, meter }) => {
      const contentType = 'application/octet-stream'
      const properties = encryption && { encryption }
      await store.write(at, bytes, { contentType, properties, signal, meter })
    })
  }

  /** Of a copy, that of its original. @param to what the copy is */
  async carry(signature: Signature, { key, size, etag, version }: ObjectInfo): Promise<void> {
    if (etag !== undefined && size === signature.size)
      await this.keep(key, { ...signature, etag, version })
  }

  /** With its object, which has another name now. */
  async move(from: SignedObject, to: ObjectInfo): Promise<void> {
    await this.copy(from, to)
    await this.remove(from)
  }

  /** With its object, that stays. */
  async copy(from: SignedObject, to: ObjectInfo): Promise<void> {
    const signature = this.mayHave(from) ? await this.find(from) : undefined
    if (signature) await this.carry(signature, to)
  }

  /** Removes objects, and in the same requests the signatures of those that may have one. */
  async *removeObjects(
    objects: AsyncIterable<SignedObject>,
    call: RemoveOptions,
  ): AsyncGenerator<Removal> {
    /** Those under way, and what they are of. */
    const signatures = new Map<Key, Key>()
    const refs = this.#withSignatures(objects, signatures)
    for await (const removal of this.#options.store.remove(refs, call)) {
      const of = signatures.get(removal.key)
      if (of === undefined) yield removal
      else {
        signatures.delete(removal.key)
        if (removal.error) this.#failed(of, removal.error)
      }
    }
  }

  async *#withSignatures(
    objects: AsyncIterable<SignedObject>,
    signatures: Map<Key, Key>,
  ): AsyncGenerator<KeyRef> {
    for await (const object of objects) {
      const { key, etag, version } = object
      yield { key, etag, version }
      if (!this.mayHave(object)) continue
      await this.#forget(key)
      const at = this.#placeBeside(key)
      if (at === undefined) continue
      signatures.set(at, key)
      yield { key: at }
    }
  }

  /** Of others it is not worth to ask for one. */
  mayHave({ size }: Pick<SignedObject, 'size'>): boolean {
    return size >= (this.#options.threshold ?? defaultThreshold)
  }

  /** How many keys of the store are removed with the object. */
  keysWith({ key, size }: Pick<SignedObject, 'key' | 'size'>): number {
    return this.mayHave({ size }) && this.#placeBeside(key) !== undefined ? 1 : 0
  }

  /** With its object. */
  async remove(object: Pick<SignedObject, 'key' | 'size'>): Promise<void> {
    if (!this.mayHave(object)) return
    const { key } = object
    await this.#forget(key)
    await this.#beside(key, async (at, { store, signal, meter }) => {
      const refs = (async function* (): AsyncGenerator<KeyRef> {
        yield { key: at }
      })()
      for await (const { error } of store.remove(refs, { signal, meter })) if (error) throw error
    })
  }

  /** What stays on this machine is in nobody's way, and makes room in time. */
  async #forget(key: Key): Promise<void> {
    await this.#here(async () => this.#options.known?.remove(this.#place, key))
  }

  /** Of this machine's own: without it everything only takes longer. */
  async #here<T>(task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task()
    } catch (error) {
      if (!isHawserError(error) || isAbort(error)) throw error
      if (!this.#isStuck)
        this.#options.onWarning(`this machine cannot keep or remove signatures: ${error.message}`)
      this.#isStuck = true
      return undefined
    }
  }

  #read(
    object: SignedObject,
    where: KeptSignature['where'],
    bytes: Uint8Array | undefined,
  ): KeptSignature | undefined {
    if (!bytes) return undefined
    try {
      const signature = parseSignature(bytes)
      return { signature, where, stored: bytes.length, isFresh: isOf(signature, object) }
    } catch (error) {
      if (!isHawserError(error)) throw error
      this.#unusable(object, error.message)
      return undefined
    }
  }

  #unusable({ key }: SignedObject, why: string): void {
    this.#options.onWarning(`the signature of ${key} is not used: ${why}`)
  }

  async #fetch(object: SignedObject, meter: Meter | undefined): Promise<Uint8Array | undefined> {
    const { store, reserved, signal } = this.#options
    if (reserved === undefined) return undefined
    const at = signatureKey(reserved, object.key, store.traits.maxKeyBytes)
    try {
      const body = await store.read(at, { signal, meter })
      if (body.info.size > maxSignatureSize) {
        await body[Symbol.asyncIterator]().return?.()
        this.#unusable(object, `it has ${body.info.size} bytes`)
        return undefined
      }
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    } catch (error) {
      if (!isHawserError(error) || isAbort(error)) throw error
      if (!isOneOf(error, ['not-found', 'permission-denied'])) this.#unusable(object, error.message)
      return undefined
    }
  }

  async #beside(key: Key, task: (at: Key, options: ShelfOptions) => Promise<void>): Promise<void> {
    const at = this.#placeBeside(key)
    if (at === undefined) return
    try {
      await task(at, this.#options)
    } catch (error) {
      this.#failed(key, error)
    }
  }

  /** Undefined where none is kept beside objects. */
  #placeBeside(key: Key): Key | undefined {
    const { store, reserved } = this.#options
    if (reserved === undefined || this.#refused) return undefined
    return signatureKey(reserved, key, store.traits.maxKeyBytes)
  }

  /** A warning, where the run can go on. */
  #failed(key: Key, error: unknown): void {
    if (!isHawserError(error) || error.code === 'interrupted') throw error
    if (isOneOf(error, ['permission-denied', 'unsupported', 'invalid-argument'])) {
      // Others were on their way when the first one was refused.
      if (this.#refused) return
      this.#refused = true
    }
    const rest = this.#refused ? '; from now on signatures are kept on this machine only' : ''
    this.#options.onWarning(`the signature of ${key} could not be stored: ${error.message}${rest}`)
  }
}

function isOf(signature: Signature, { etag, version, size }: SignedObject): boolean {
  const isOther = version !== undefined && (signature.version ?? version) !== version
  return signature.etag === etag && signature.size === size && !isOther
}

function isOneOf(error: HawserError, codes: readonly HawserError['code'][]): boolean {
  return codes.includes(error.code)
}
