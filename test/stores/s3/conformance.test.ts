import { conformance, type Profile } from '../../conformance/suite.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from './open.ts'

const profile: Profile = {
  traits: {
    order: 'key',
    hierarchical: false,
    modified: 'stored',
    conditions: new Set(['if-absent', 'if-match']),
    etagIsMd5: true,
    maxKeyBytes: 1024,
  },
  multipart: true,
  copyPart: true,
  copy: true,
  rename: false,
  readPart: false,
  buckets: true,
  setAttributes: false,
  mtime: 1n,
  mode: true,
  metadata: true,
  // Encryption needs a service that has keys: encryption.test.ts.
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
  readsToEnd: false,
}

describeS3('S3 store', (endpoint) => {
  conformance(endpoint.name, profile, async () => ({ store: await openBucket(endpoint) }))
})
