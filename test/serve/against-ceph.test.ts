// S3 as Amazon documents it, asked of our server and of Ceph RGW: what both answer, and where they differ, with the
// reason. The scenarios are in the folder of this name.
import { test } from 'vitest'
import { describeS3 } from '../servers/s3.ts'
import { archives } from './against-ceph/archives.ts'
import { bodies } from './against-ceph/checksums-of-bodies.ts'
import { buckets } from './against-ceph/buckets.ts'
import { chunked } from './against-ceph/signed-chunks.ts'
import { completions } from './against-ceph/complete-upload.ts'
import { conditions } from './against-ceph/read-conditions.ts'
import { configuration } from './against-ceph/versioning-configuration.ts'
import { copies as partCopies } from './against-ceph/upload-part-copy.ts'
import { copies } from './against-ceph/copies.ts'
import { cors } from './against-ceph/cors.ts'
import { deletes } from './against-ceph/deletes.ts'
import { enabled } from './against-ceph/versioning-enabled.ts'
import { errors } from './against-ceph/errors.ts'
import { forms } from './against-ceph/forms.ts'
import { heads } from './against-ceph/signed-headers.ts'
import { inParts } from './against-ceph/checksums-in-parts.ts'
import { listings } from './against-ceph/list-versions.ts'
import { odd } from './against-ceph/odd-keys.ts'
import { ofMany } from './against-ceph/deletes-of-many.ts'
import { parts } from './against-ceph/upload-parts.ts'
import { puts } from './against-ceph/puts.ts'
import { queries } from './against-ceph/signed-queries.ts'
import { ranges } from './against-ceph/ranges.ts'
import { suspended } from './against-ceph/versioning-suspended.ts'
import { tags } from './against-ceph/tags.ts'
import { told } from './against-ceph/object-headers.ts'
import { trailers } from './against-ceph/checksums-in-trailers.ts'
import { uploads } from './against-ceph/list-uploads.ts'
import { versionOne } from './against-ceph/list-objects.ts'
import { versionTwo } from './against-ceph/list-objects-v2.ts'
import { Stage, type Scenario } from './against-ceph/stage.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  conditions,
  ranges,
  told,
  errors,
  puts,
  deletes,
  copies,
  'deletes of many': ofMany,
  ListObjects: versionOne,
  ListObjectsV2: versionTwo,
  'odd keys': odd,
  'versioning that is enabled': enabled,
  'versioning that is suspended': suspended,
  'configurations of versioning': configuration,
  ListObjectVersions: listings,
  CompleteMultipartUpload: completions,
  'parts of uploads': parts,
  UploadPartCopy: partCopies,
  ListMultipartUploads: uploads,
  'checksums of bodies': bodies,
  'checksums of objects in parts': inParts,
  'checksums in trailers': trailers,
  'signatures in headers': heads,
  'signatures in queries': queries,
  'signatures of chunks': chunked,
  forms,
  buckets,
  tags,
  CORS: cors,
  archives,
}

describeS3(
  'S3 as it is documented',
  (endpoint) => {
    for (const [title, play] of Object.entries(scenarios))
      test.concurrent(title, async () => {
        const stage = new Stage(endpoint)
        await play(stage)
        stage.check()
      })
  },
  ['ceph20', 'hawser'],
)
