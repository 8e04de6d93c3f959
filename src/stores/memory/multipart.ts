// Uploads in parts, in memory.
import { randomUUID } from 'node:crypto'
import type { Key } from '../../core/key.ts'
import type {
  Body,
  CompleteOptions,
  CopySource,
  Multipart,
  ObjectInfo,
  PartReceipt,
  Upload,
  WriteOptions,
} from '../../core/store.ts'
import { crc64nvme } from '../../kernels/crc64nvme.ts'
import { factsOf, md5, receive, storedObject, type StoredObject } from './objects.ts'
import type { Shelf } from './store.ts'

interface OpenUpload {
  readonly key: Key
  readonly options: WriteOptions
  readonly started: Date
  readonly parts: Map<number, { readonly bytes: Uint8Array; readonly receipt: PartReceipt }>
}

export function memoryMultipart(shelf: Shelf): Multipart {
  const uploads = new Map<string, OpenUpload>()

  function find(op: string, upload: Upload): OpenUpload {
    const open = uploads.get(upload.id)
    if (open?.key !== upload.key)
      throw shelf.fail(op, upload.key, 'not-found', 'there is no such upload')
    return open
  }

  function keep(open: OpenUpload, number: number, bytes: Uint8Array): PartReceipt {
    const receipt = {
      number,
      size: bytes.length,
      etag: `"${md5(bytes).toString('hex')}"`,
      crc64nvme: crc64nvme(bytes),
    }
    open.parts.set(number, { bytes, receipt })
    return receipt
  }

  function assemble(
    open: OpenUpload,
    receipts: readonly PartReceipt[],
    options: Partial<CompleteOptions>,
  ): StoredObject {
    const fail = (message: string): Error => shelf.fail('complete', open.key, 'integrity', message)
    const parts: Uint8Array[] = []
    for (const receipt of receipts.toSorted((a, b) => a.number - b.number)) {
      const part = open.parts.get(receipt.number)
      if (part?.receipt.etag !== receipt.etag || part?.bytes.length !== receipt.size)
        throw fail(`part ${receipt.number} is not what its receipt says`)
      parts.push(part.bytes)
    }
    const bytes = Buffer.concat(parts)
    if (options.size !== undefined && bytes.length !== options.size)
      throw fail(`the parts have ${bytes.length} bytes instead of ${options.size}`)
    if (options.crc64nvme !== undefined && crc64nvme(bytes) !== options.crc64nvme)
      throw fail('the object does not have the expected CRC64NVME')
    const etag = `"${md5(...parts.map((part) => md5(part))).toString('hex')}-${parts.length}"`
    return storedObject(open.key, bytes, etag, factsOf(options, open.options))
  }

  return {
    limits: {
      minPart: 1,
      maxPart: 2 ** 31,
      maxParts: 10_000,
      maxObject: Number.MAX_SAFE_INTEGER,
      maxWrite: 2 ** 31,
    },

    async begin(key, options = {}) {
      shelf.enter('begin', 'control', key, options)
      const id = randomUUID()
      uploads.set(id, { key, options, started: new Date(), parts: new Map() })
      return { key, id }
    },

    async part(upload, slot, body: Body, options = {}) {
      shelf.enter('part', 'part', upload.key, options)
      find('part', upload)
      const details = { op: 'part', location: shelf.location, key: upload.key }
      const bytes = await receive(body, options.crc64nvme, options.signal, details)
      options.meter?.sent(bytes.length)
      return keep(find('part', upload), slot.number, bytes)
    },

    async copyPart(upload, slot, from: CopySource, range, options) {
      shelf.enter('copyPart', 'copy', upload.key, options)
      const { bytes } = shelf.find('copyPart', from.key, from.etag)
      if (range.end > bytes.length)
        throw shelf.fail('copyPart', from.key, 'range', `the object ends before byte ${range.end}`)
      return keep(find('copyPart', upload), slot.number, bytes.slice(range.start, range.end))
    },

    readPart: undefined,

    async *parts(upload, options) {
      shelf.enter('parts', 'control', upload.key, options)
      const { parts } = find('parts', upload)
      const receipts = [...parts.values()].map((part) => part.receipt)
      yield* receipts.toSorted((a, b) => a.number - b.number)
    },

    async complete(upload, receipts, options: Partial<CompleteOptions> = {}): Promise<ObjectInfo> {
      shelf.enter('complete', 'control', upload.key, options)
      const open = find('complete', upload)
      const condition = options.condition ?? open.options.condition
      const info = shelf.commit('complete', assemble(open, receipts, options), condition)
      uploads.delete(upload.id)
      return info
    },

    async abort(upload, options) {
      shelf.enter('abort', 'control', upload.key, options)
      uploads.delete(upload.id)
    },

    async *uploads(prefix, options) {
      shelf.enter('uploads', 'list', prefix, options)
      for (const [id, { key, started }] of uploads)
        if (key.startsWith(prefix)) yield { key, id, started }
    },
  }
}
