// GetBucketVersioning and PutBucketVersioning.
import { textOf, xmlDocument, xmlText } from '../../wire/xml.ts'
import { S3Error } from '../errors.ts'
import type { Operation } from '../http/types.ts'
import type { Versioning } from '../vault/types.ts'
import { bucketOf } from './arguments.ts'
import { refuseUnsupported } from './unsupported.ts'
import { fromXml } from './xml.ts'

export const getBucketVersioning: Operation = async (request, service) => {
  const { versioning } = await bucketOf(request, service)
  return { status: 200, body: xmlDocument('VersioningConfiguration', statusElement(versioning)) }
}

function statusElement(versioning: Versioning): string {
  if (versioning === 'off') return ''
  return xmlText('Status', versioning === 'enabled' ? 'Enabled' : 'Suspended')
}

export const putBucketVersioning: Operation = async (request, service) => {
  refuseUnsupported(request.headers)
  const bucket = await bucketOf(request, service)
  const versioning = await fromXml(request, 'VersioningConfiguration', (root): Versioning => {
    const mfa = textOf(root, 'MfaDelete')
    if (mfa === 'Enabled')
      throw new S3Error('NotImplemented', { message: 'MfaDelete is not implemented.' })
    const status = textOf(root, 'Status')
    if (mfa !== undefined && mfa !== 'Disabled') throw new S3Error('MalformedXML')
    if (status === undefined) throw new S3Error('IllegalVersioningConfigurationException')
    if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('MalformedXML')
    return status === 'Enabled' ? 'enabled' : 'suspended'
  })
  await service.vault.buckets.update(bucket, { versioning })
  return { status: 200 }
}
