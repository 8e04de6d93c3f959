import { s3Profile } from '../../conformance/profiles.ts'
import { conformance } from '../../conformance/suite.ts'
import { describeS3 } from '../../servers/s3.ts'
import { openBucket } from './open.ts'

describeS3('S3 store', (endpoint) => {
  conformance(endpoint.name, s3Profile, async () => ({ store: await openBucket(endpoint) }))
})
