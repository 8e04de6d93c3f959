// The options of compression.
import type { DeltaValues } from '../config/delta.ts'
import { flag, oneOfOrNone, type SpecsOf } from '../config/option.ts'
import { type Coding, codings } from '../transfer/compress/codings.ts'
import { usageError } from './command.ts'
import type { PropertyValues } from './properties.ts'

export interface CompressionValues {
  readonly compress: boolean
  readonly compression: Coding | undefined
}

export const compressionOptions: SpecsOf<CompressionValues> = {
  compress: flag('-z, --compress', 'compress files that go to a store, which excludes deltas'),
  compression: oneOfOrNone(
    '--compression <coding>',
    'as -z, with zstd (the default) or gzip',
    codings,
  ),
}

/** Undefined: files go as they are. */
export function compressionOf({ compress, compression }: CompressionValues): Coding | undefined {
  return compression ?? (compress ? 'zstd' : undefined)
}

/** @throws HawserError invalid-argument for what contradicts compression */
export function refuseUncompressible(
  given: CompressionValues & DeltaValues & PropertyValues & { readonly verify: boolean },
): void {
  if (compressionOf(given) === undefined) return
  const { deltaThreshold, blockSize, contentEncoding, verify } = given
  if (verify) throw usageError('what -z compresses is not read back', 'Leave out -z, or --verify.')
  if (deltaThreshold !== undefined || blockSize !== undefined)
    throw usageError(
      '-z excludes deltas, which --delta-threshold and --block-size are for',
      'Compressed objects go whole. Leave out one or the other.',
    )
  if (contentEncoding !== undefined)
    throw usageError(
      '-z gives objects their Content-Encoding',
      'Leave out -z for bytes that are encoded already, or --content-encoding.',
    )
}
