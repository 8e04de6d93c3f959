// What a request names, and its numbers: taken out of its query, checked once.
import { S3Error } from '../errors.ts'
import type { S3Request, Service } from '../http/types.ts'
import type { Bucket } from '../vault/types.ts'

/** The bucket of the request's path. @throws S3Error also AccessDenied where the client expected another owner */
export async function bucketOf(request: S3Request, { vault }: Service): Promise<Bucket> {
  const bucket = await vault.buckets.get(request.bucket ?? '', { signal: request.signal })
  const expected = request.headers['x-amz-expected-bucket-owner']
  if (expected !== undefined && expected !== bucket.owner) throw new S3Error('AccessDenied')
  return bucket
}

export function keyOf({ key }: S3Request): string {
  if (key === undefined) throw new S3Error('MethodNotAllowed')
  return key
}

/** The version that is asked for by its name. */
export function versionOf({ query }: S3Request): string | undefined {
  const version = query.get('versionId')
  if (version === '')
    throw invalidArgument('versionId', '', 'A version ID cannot be the empty text.')
  return version
}

export function uploadIdOf({ query }: S3Request): string {
  return query.get('uploadId') ?? ''
}

export const MAX_PART_NUMBER = 10_000

export function partNumberOf(text: string): number {
  const number = wholeNumber(text)
  if (number === undefined || number < 1 || number > MAX_PART_NUMBER)
    throw invalidArgument(
      'partNumber',
      text,
      `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive.`,
    )
  return number
}

const most = 2 ** 31 - 1

/** How many are wanted of a listing: 1,000 unless fewer. @param text as the client sent it; empty and absent: no wish */
export function limitOf(name: string, text: string | undefined): number {
  if (text === undefined || text === '') return 1000
  const number = wholeNumber(text)
  if (number === undefined || number > most)
    throw invalidArgument(name, text, `${name} must be an integer between 0 and ${most}.`)
  return Math.min(number, 1000)
}

/** A number that says behind which part a listing begins. */
export function partMarkerOf(name: string, text: string | undefined): number {
  if (text === undefined || text === '') return 0
  const number = wholeNumber(text)
  if (number === undefined || number > most)
    throw invalidArgument(name, text, `${name} must be an integer between 0 and ${most}.`)
  return number
}

export function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error('InvalidArgument', {
    message,
    extra: { ArgumentName: name, ArgumentValue: value },
  })
}
