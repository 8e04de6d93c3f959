// How answers tell checksums: in headers and in XML.
import { xmlText } from '../../wire/xml.ts'
import { checksumHeader } from '../body/checksum-headers.ts'
import type { Checksum, ChecksumAlgorithm } from '../body/types.ts'

export function checksumHeaders({ algorithm, type, value }: Checksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type }
}

export function checksumElements(checksum: Checksum | undefined): string {
  if (!checksum) return ''
  return (
    checksumElement(checksum.algorithm, checksum.value) + xmlText('ChecksumType', checksum.type)
  )
}

/** `<ChecksumCRC32>`, say; absent where the value is. */
export function checksumElement(algorithm: ChecksumAlgorithm, value: string | undefined): string {
  return xmlText(`Checksum${algorithm}`, value)
}
