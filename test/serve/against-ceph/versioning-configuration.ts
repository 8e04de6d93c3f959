// PutBucketVersioning.
import { differs, type Scenario, type Expected } from './stage.ts'

export const configuration: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const put = async (label: string, body: string, expected: Expected): Promise<void> => {
    await stage.ask(label, 'PUT', bucket, { query: { versioning: '' }, body }, expected)
  }
  await put(
    'no status',
    '<VersioningConfiguration/>',
    differs(
      '400 IllegalVersioningConfigurationException',
      '400 InvalidArgument',
      'List of error codes: IllegalVersioningConfigurationException; Ceph has one code for all',
    ),
  )
  await put(
    'a status that is none',
    '<VersioningConfiguration><Status>On</Status></VersioningConfiguration>',
    differs(
      '400 MalformedXML',
      '400 InvalidArgument',
      'List of error codes: MalformedXML; Ceph has one code for all',
    ),
  )
  await put(
    'MfaDelete',
    '<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>',
    differs(
      '501 NotImplemented',
      '403 AccessDenied',
      'Not implemented here, which is said; Ceph wants the second factor',
    ),
  )
  await put(
    'another document',
    '<Other><Status>Enabled</Status></Other>',
    differs(
      '400 MalformedXML',
      '400 InvalidArgument',
      'List of error codes: MalformedXML; Ceph has one code for all',
    ),
  )
  await put(
    'no XML',
    'Enabled',
    differs(
      '400 MalformedXML',
      '400 InvalidArgument',
      'List of error codes: MalformedXML; Ceph has one code for all',
    ),
  )
  await put(
    'nothing',
    '',
    differs(
      '400 MissingRequestBodyError',
      '400 InvalidArgument',
      'List of error codes: MissingRequestBodyError; Ceph has one code for all',
    ),
  )
  await stage.ask(
    'of a bucket that is not there',
    'PUT',
    `${bucket}-none`,
    {
      query: { versioning: '' },
      body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    },
    '404 NoSuchBucket',
  )
}
