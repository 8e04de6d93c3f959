// Where the signatures of a store's objects are: in the state of this machine, and beside the objects, where other
// machines find them. What is found is believed only as far as its etag goes: that of the object, as it is now.
import { HawserError, isHawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { Meter } from '../../core/meter.ts'
import { locationId } from '../../core/location.ts'
import type { CallOptions, KeyRef, Store } from '../../core/store.ts'
import { encodeSignature, maxSignatureSize, parseSignature } from '../../delta/signature/format.ts'
import { signatureKey } from '../../delta/signature/place.ts'
import type { Signature } from '../../delta/signature/types.ts'
import type { Signatures } from '../../state/types.ts'

export interface ShelfOptions extends CallOptions {
  readonly store: Store
  /** Undefined: nothing is kept on this machine. */
  readonly known: Signatures | undefined
  /** The prefix that is kept for them in the store; undefined: nothing is kept there. */
  readonly reserved: Key | undefined
  readonly onWarning: (message: string) => void
  /** Nothing is written, also not what was found. */
  readonly dryRun?: boolean | undefined
}

/** The state of an object that a signature must be of. */
export interface SignedObject extends KeyRef {
  readonly size: number
}

export class SignatureShelf {
  readonly #options: ShelfOptions
  readonly #place: string
  /** Why the store takes none: said once. */
  #refused = false

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
    if (object.etag === undefined) return undefined
    const own = this.#read(object, await this.#options.known?.get(this.#place, object.key))
    if (own) return own
    const found = await this.#fetch(object, meter)
    const signature = this.#read(object, found)
    if (signature && found && !this.#options.dryRun)
      await this.#options.known?.put(this.#place, object.key, found)
    return signature
  }

  /** Of an object that was just written. What cannot be kept is a loss of time later, and no failure now. */
  async keep(key: Key, signature: Signature): Promise<void> {
    const bytes = encodeSignature(signature)
    await this.#options.known?.put(this.#place, key, bytes)
    await this.#beside(key, async (at, { store, signal, meter }) => {
      await store.write(at, bytes, { contentType: 'application/octet-stream', signal, meter })
    })
  }

  /** With its object. */
  async remove(key: Key): Promise<void> {
    await this.#options.known?.remove(this.#place, key)
    await this.#beside(key, async (at, { store, signal, meter }) => {
      const refs = (async function* (): AsyncGenerator<KeyRef> {
        yield { key: at }
      })()
      for await (const { error } of store.remove(refs, { signal, meter })) if (error) throw error
    })
  }

  #read(object: SignedObject, bytes: Uint8Array | undefined): Signature | undefined {
    if (!bytes) return undefined
    try {
      const signature = parseSignature(bytes)
      const { etag, version, size } = object
      const isOther = version !== undefined && (signature.version ?? version) !== version
      return signature.etag === etag && signature.size === size && !isOther ? signature : undefined
    } catch (error) {
      if (!isHawserError(error)) throw error
      this.#options.onWarning(`the signature of ${object.key} is not used: ${error.message}`)
      return undefined
    }
  }

  async #fetch({ key }: SignedObject, meter: Meter | undefined): Promise<Uint8Array | undefined> {
    const { store, reserved, signal } = this.#options
    if (reserved === undefined) return undefined
    const at = signatureKey(reserved, key, store.traits.maxKeyBytes)
    try {
      const body = await store.read(at, { signal, meter })
      if (body.info.size > maxSignatureSize) return await tooLarge(body)
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    } catch (error) {
      if (
        isHawserError(error) &&
        isOf(error, ['not-found', 'permission-denied', 'archived', 'range'])
      )
        return undefined
      throw error
    }
  }

  async #beside(key: Key, task: (at: Key, options: ShelfOptions) => Promise<void>): Promise<void> {
    const { store, reserved, onWarning } = this.#options
    if (reserved === undefined || this.#refused) return
    try {
      await task(signatureKey(reserved, key, store.traits.maxKeyBytes), this.#options)
    } catch (error) {
      if (!isHawserError(error) || error.code === 'interrupted') throw error
      if (isOf(error, ['permission-denied', 'unsupported', 'invalid-argument']))
        this.#refused = true
      const rest = this.#refused ? '; from now on signatures are kept on this machine only' : ''
      onWarning(`the signature of ${key} could not be stored: ${error.message}${rest}`)
    }
  }
}

async function tooLarge(body: AsyncIterable<Uint8Array>): Promise<undefined> {
  await body[Symbol.asyncIterator]().return?.()
  return undefined
}

function isOf(error: HawserError, codes: readonly HawserError['code'][]): boolean {
  return codes.includes(error.code)
}
