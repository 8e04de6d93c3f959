// The tags of buckets and of objects, read, put and removed.
import { S3Error } from '../errors.ts'
import type { Operation, S3Request, Service } from '../http/types.ts'
import type { Bucket, ObjectVersion } from '../vault/types.ts'
import { bucketOf, keyOf, versionOf } from './arguments.ts'
import { findObject } from './find.ts'
import { versionId } from './object-headers.ts'
import { MAX_BUCKET_TAGS, MAX_OBJECT_TAGS, noTags, parseTagging, taggingXml } from './tags.ts'
import { fromXml } from './xml.ts'

export const getBucketTagging: Operation = async (request, service) => {
  const { tags } = await bucketOf(request, service)
  if (Object.keys(tags).length === 0) throw new S3Error('NoSuchTagSet')
  return { status: 200, body: taggingXml(tags) }
}

export const putBucketTagging: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  const tags = await fromXml(request, 'Tagging', (root) => parseTagging(root, MAX_BUCKET_TAGS))
  await service.vault.buckets.update(bucket, { tags })
  return { status: 204 }
}

export const deleteBucketTagging: Operation = async (request, service) => {
  const bucket = await bucketOf(request, service)
  await service.vault.buckets.update(bucket, { tags: noTags })
  return { status: 204 }
}

export const getObjectTagging: Operation = async (request, service) => {
  const { bucket, object } = await objectOf(request, service)
  return { status: 200, headers: headers(bucket, object), body: taggingXml(object.record.tags) }
}

export const putObjectTagging: Operation = async (request, service) => {
  const tags = await fromXml(request, 'Tagging', (root) => parseTagging(root, MAX_OBJECT_TAGS))
  const { bucket, object } = await objectOf(request, service)
  await service.vault.update(bucket, object, { tags }, request)
  return { status: 200, headers: headers(bucket, object) }
}

export const deleteObjectTagging: Operation = async (request, service) => {
  const { bucket, object } = await objectOf(request, service)
  await service.vault.update(bucket, object, { tags: noTags }, request)
  return { status: 204, headers: headers(bucket, object) }
}

async function objectOf(
  request: S3Request,
  service: Service,
): Promise<{ readonly bucket: Bucket; readonly object: ObjectVersion }> {
  const bucket = await bucketOf(request, service)
  const version = versionOf(request)
  return {
    bucket,
    object: await findObject(service, bucket, keyOf(request), version, request.signal),
  }
}

function headers(bucket: Bucket, { version }: ObjectVersion): Record<string, string | undefined> {
  return { 'x-amz-version-id': versionId(bucket, version) }
}
