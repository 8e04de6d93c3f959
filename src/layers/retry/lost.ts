// A change whose answer was lost may have been made all the same. When its next try is refused because of what is there
// now, this tells whether what is there is our own doing.
import { createHash } from 'node:crypto'
import { md5FromEtag } from '../../core/digest.ts'
import type { HawserError } from '../../core/errors.ts'
import type { Body, CompleteOptions, ObjectInfo, PartReceipt, Traits } from '../../core/store.ts'
import { bodySize, readBody } from '../../core/body.ts'
import { combineCrc64Nvme, Crc64Nvme } from '../../kernels/crc64nvme.ts'

/** Whether the object is, byte for byte, what was written; false also where the store keeps no digest to tell by. */
export async function isWritten(
  info: ObjectInfo,
  body: Body,
  crc64nvme: bigint | undefined,
  traits: Traits,
): Promise<boolean> {
  if (info.size !== bodySize(body)) return false
  if (info.crc64nvme !== undefined) return info.crc64nvme === (crc64nvme ?? (await crcOf(body)))
  const md5 = info.md5 ?? (traits.etagIsMd5 ? md5FromEtag(info.etag ?? '') : undefined)
  return md5 !== undefined && md5 === (await md5Of(body))
}

/** The same for an object of parts: by its CRC64NVME, else by the etag that S3 makes of the etags of parts. */
export function isCompleted(
  info: ObjectInfo,
  parts: readonly PartReceipt[],
  options: CompleteOptions | undefined,
  traits: Traits,
): boolean {
  const size = options?.size ?? parts.reduce((sum, part) => sum + part.size, 0)
  if (info.size !== size) return false
  const ordered = parts.toSorted((a, b) => a.number - b.number)
  const crc64nvme = options?.crc64nvme ?? crcOfParts(ordered)
  if (info.crc64nvme !== undefined && crc64nvme !== undefined) return info.crc64nvme === crc64nvme
  const etag = traits.etagIsMd5 ? etagOfParts(ordered) : undefined
  return etag !== undefined && info.etag?.replaceAll('"', '') === etag
}

/** The refusal, for a user who must know that it may not be what it seems. */
export function unclear(error: HawserError): HawserError {
  const hint =
    'An earlier try got no answer and may have been carried out: look at the destination.'
  return error.with({ hint })
}

async function crcOf(body: Body): Promise<bigint> {
  const crc = new Crc64Nvme()
  for await (const chunk of readBody(body)) crc.update(chunk)
  return crc.digest()
}

async function md5Of(body: Body): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of readBody(body)) hash.update(chunk)
  return hash.digest('hex')
}

function crcOfParts(parts: readonly PartReceipt[]): bigint | undefined {
  let whole = 0n
  for (const { crc64nvme, size } of parts) {
    if (crc64nvme === undefined) return undefined
    whole = combineCrc64Nvme(whole, crc64nvme, size)
  }
  return whole
}

/** S3: the MD5 of the parts' binary MD5s, then `-` and how many there are. */
function etagOfParts(parts: readonly PartReceipt[]): string | undefined {
  const hash = createHash('md5')
  for (const { etag } of parts) {
    const md5 = md5FromEtag(etag ?? '')
    if (md5 === undefined) return undefined
    hash.update(md5, 'hex')
  }
  return `${hash.digest('hex')}-${parts.length}`
}
