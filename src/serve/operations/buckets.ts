// The buckets themselves: ListBuckets, CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation.
import { child, textOf, xmlDocument, xmlElement, xmlText } from '../../wire/xml.ts'
import { readSmall } from '../body/incoming.ts'
import { S3Error } from '../errors.ts'
import type { Operation, S3Request, Service } from '../http/types.ts'
import type { Bucket } from '../vault/types.ts'
import { bucketOf, invalidArgument, wholeNumber } from './arguments.ts'
import { MAX_XML } from './limits.ts'
import { MAX_BUCKET_TAGS, checkTags, noTags, tagPairs, type Tags } from './tags.ts'
import { readToken, writeToken } from './tokens.ts'
import { refuseUnsupported } from './unsupported.ts'
import { ownerElement, parseBody, xmlTime } from './xml.ts'

/** A client sees its own; who comes without a key, and is let in, sees all. */
export const listBuckets: Operation = async (request, { vault, region }) => {
  const { query, identity, signal } = request
  const prefix = query.get('prefix')
  const limit = bucketLimit(query.get('max-buckets'))
  const token = query.get('continuation-token')
  const after = token === undefined ? '' : readToken(token)
  const wanted = query.get('bucket-region')
  const page: Bucket[] = []
  let more = false
  if (wanted === undefined || wanted === region)
    for await (const bucket of vault.buckets.list({ signal })) {
      if (bucket.name <= after || !bucket.name.startsWith(prefix ?? '')) continue
      if (identity.kind === 'user' && identity.accessKeyId !== bucket.owner) continue
      more = page.length === limit
      if (more) break
      page.push(bucket)
    }
  const last = page.at(-1)
  return {
    status: 200,
    body: xmlDocument(
      'ListAllMyBucketsResult',
      ownerElement(ownerOf(request)),
      xmlElement(
        'Buckets',
        ...page.map(({ name, created }) =>
          xmlElement(
            'Bucket',
            xmlText('Name', name),
            xmlText('CreationDate', xmlTime(created)),
            xmlText('BucketRegion', region),
          ),
        ),
      ),
      more && last ? xmlText('ContinuationToken', writeToken(last.name)) : '',
      xmlText('Prefix', prefix),
    ),
  }
}

/** Without a wish all of them, as ever. */
function bucketLimit(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY
  const limit = wholeNumber(text)
  if (limit === undefined || limit < 1 || limit > 10_000)
    throw invalidArgument('max-buckets', text, 'max-buckets must be between 1 and 10000.')
  return limit
}

function ownerOf({ identity }: S3Request): string {
  return identity.kind === 'user' ? identity.accessKeyId : 'anonymous'
}

export const createBucket: Operation = async (request, { vault, region }) => {
  refuseUnsupported(request.headers)
  const body = await readSmall(request, MAX_XML)
  const { location, tags } = body.trim() === '' ? nothingSaid : parseConfiguration(body)
  if (location !== undefined && location !== '' && location !== region)
    throw wrongLocation(location, region)
  const name = request.bucket ?? ''
  const { signal } = request
  try {
    await vault.buckets.create(name, ownerOf(request), { signal })
  } catch (error) {
    if (!isOwnAgain(error, region)) throw error
    return { status: 200, headers: { location: `/${name}` } }
  }
  if (Object.keys(tags).length > 0)
    await vault.buckets.update(await vault.buckets.get(name, { signal }), { tags })
  return { status: 200, headers: { location: `/${name}` } }
}

/** In the first region alone, for the sake of old clients: BucketAlreadyOwnedByYou in the list of S3's error codes. */
function isOwnAgain(error: unknown, region: string): boolean {
  return (
    region === 'us-east-1' && error instanceof S3Error && error.code === 'BucketAlreadyOwnedByYou'
  )
}

function wrongLocation(location: string, region: string): S3Error {
  const isRegion = location === 'EU' || /^[a-z]{2,3}(?:-[a-z]+)+-\d+$/.test(location)
  return new S3Error(
    isRegion ? 'IllegalLocationConstraintException' : 'InvalidLocationConstraint',
    {
      message: `The ${location} location constraint does not fit: buckets are made in ${region} here.`,
      extra: { LocationConstraint: location },
    },
  )
}

interface Configuration {
  readonly location: string | undefined
  readonly tags: Tags
}

const nothingSaid: Configuration = { location: undefined, tags: noTags }

function parseConfiguration(text: string): Configuration {
  return parseBody(text, 'CreateBucketConfiguration', (root) => {
    // Only directory buckets have these.
    if (child(root, 'Location') || child(root, 'Bucket')) throw new S3Error('NotImplemented')
    const set = child(root, 'Tags')
    return {
      location: textOf(root, 'LocationConstraint')?.trim(),
      tags: set ? checkTags(tagPairs(set), MAX_BUCKET_TAGS) : noTags,
    }
  })
}

export const headBucket: Operation = async (request, service) => {
  await bucketOf(request, service)
  return { status: 200, headers: { 'x-amz-bucket-region': service.region } }
}

export const deleteBucket: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  await service.vault.buckets.remove(bucket, { signal: request.signal })
  return { status: 204 }
}

/** The first region is told by nothing. */
export const getBucketLocation: Operation = async (request, service: Service) => {
  await bucketOf(request, service)
  const { region } = service
  return {
    status: 200,
    body: xmlDocument('LocationConstraint', region === 'us-east-1' ? '' : region),
  }
}
