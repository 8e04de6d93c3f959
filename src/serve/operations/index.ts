// The operations of S3, by their names in the Amazon S3 API Reference.
export { getBucketAcl, getObjectAcl } from './acl.ts'
export { getObjectAttributes } from './attributes.ts'
export {
  createBucket,
  deleteBucket,
  getBucketLocation,
  headBucket,
  listBuckets,
} from './buckets.ts'
export { copyObject } from './copy.ts'
export { deleteObject } from './delete.ts'
export { deleteObjects } from './delete-objects.ts'
export { getObject, headObject } from './get.ts'
export { listObjects, listObjectsV2 } from './list.ts'
export { listObjectVersions } from './list-versions.ts'
export { abortMultipartUpload, completeMultipartUpload } from './multipart/complete.ts'
export { createMultipartUpload } from './multipart/create.ts'
export { listMultipartUploads, listParts } from './multipart/list.ts'
export { uploadPart, uploadPartCopy } from './multipart/part.ts'
export { putObject } from './put.ts'
export { restoreObject } from './restore.ts'
export {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from './tagging.ts'
export { getBucketVersioning, putBucketVersioning } from './versioning.ts'
