// Storage classes.
import { differs, md5, type Scenario, type Expected } from './stage.ts'

export const archives: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const restore = async (
    label: string,
    key: string,
    inside: string,
    expected: Expected,
  ): Promise<void> => {
    const body = `<RestoreRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</RestoreRequest>`
    await stage.ask(
      label,
      'POST',
      `${bucket}/${key}`,
      { query: { restore: '' }, body, headers: { 'content-md5': md5(body) } },
      expected,
    )
  }
  await stage.put(`${bucket}/plain`, 'x')
  await restore('what is in no archive', 'plain', '<Days>1</Days>', '403 InvalidObjectState')
  await restore('what is not there', 'none', '<Days>1</Days>', '404 NoSuchKey')
  for (const name of [
    'GLACIER',
    'DEEP_ARCHIVE',
    'GLACIER_IR',
    'STANDARD_IA',
    'ONEZONE_IA',
    'INTELLIGENT_TIERING',
    'REDUCED_REDUNDANCY',
  ])
    await stage.ask(
      `a PUT to ${name}`,
      'PUT',
      `${bucket}/${name}`,
      { body: 'x', headers: { 'x-amz-storage-class': name } },
      differs(
        '200',
        '400 InvalidArgument',
        'S3 has this class; Ceph has only those that are set up',
      ),
    )
}
