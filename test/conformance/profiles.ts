// The profiles of the stores.
import type { Profile } from './suite.ts'

/** What S3 is, and the store in memory like it. */
const likeS3 = {
  traits: {
    order: 'key',
    hierarchical: false,
    modified: 'stored',
    conditions: new Set(['if-absent', 'if-match'] as const),
    etagIsMd5: true,
    maxKeyBytes: 1024,
  },
  multipart: true,
  copyPart: true,
  copy: true,
  readPart: false,
  mtime: 1n,
  mode: true,
  metadata: true,
  properties: [
    'cacheControl',
    'contentEncoding',
    'contentDisposition',
    'contentLanguage',
    'expires',
    'storageClass',
    'acl',
    'tags',
  ],
  owners: true,
  lineage: false,
  withFile: false,
} satisfies Partial<Profile>

export const memoryProfile: Profile = {
  ...likeS3,
  rename: true,
  buckets: false,
  archive: false,
  setAttributes: true,
  properties: [...likeS3.properties, 'encryption'],
  readsToEnd: true,
}

/** Without encryption, for which a service needs keys: customer-key.test.ts and properties.test.ts have that. */
export const s3Profile: Profile = {
  ...likeS3,
  rename: false,
  buckets: true,
  archive: true,
  setAttributes: false,
  readsToEnd: false,
}

export const localProfile: Profile = {
  traits: {
    order: 'key',
    hierarchical: true,
    modified: 'native',
    conditions: new Set(['if-absent'] as const),
    etagIsMd5: false,
    maxKeyBytes: 4096,
  },
  multipart: true,
  copyPart: true,
  copy: true,
  rename: true,
  readPart: true,
  buckets: false,
  lineage: true,
  withFile: true,
  archive: false,
  setAttributes: true,
  mtime: 1_000n,
  mode: true,
  metadata: false,
  properties: [],
  owners: false,
  readsToEnd: true,
}
