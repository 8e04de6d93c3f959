// DeleteObject.
import { differs, type Scenario, type Expected } from './stage.ts'
import { other } from './etags.ts'

export const deletes: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  await stage.put(key, 'hello')
  const remove = async (
    label: string,
    target: string,
    headers: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'DELETE',
      target,
      { headers, show: ['x-amz-delete-marker', 'x-amz-version-id'] },
      expected,
    )
  }
  await remove('If-Match of another etag', key, { 'if-match': other }, '412 PreconditionFailed')
  await remove('If-Match of any', key, { 'if-match': '*' }, '204')
  await remove('what is gone', key, {}, '204')
  await remove(
    'what is gone, If-Match of an etag',
    key,
    { 'if-match': other },
    differs(
      '404 NoSuchKey',
      '204',
      'Conditional deletes: there is no object that it could hold for; Ceph removes it',
    ),
  )
  await remove(
    'what is gone, If-Match of any',
    key,
    { 'if-match': '*' },
    differs(
      '404 NoSuchKey',
      '204',
      'Conditional deletes: there is no object that it could hold for; Ceph removes it',
    ),
  )
  await stage.put(key, 'hello')
  await remove(
    'If-Match of its etag',
    key,
    { 'if-match': '"5d41402abc4b2a76b9719d911017c592"' },
    '204',
  )
  await remove('in a bucket that is not there', `${bucket}-none/key`, {}, '404 NoSuchBucket')
  await stage.ask(
    'a version of what never had one',
    'DELETE',
    key,
    { query: { versionId: 'null' }, show: ['x-amz-delete-marker', 'x-amz-version-id'] },
    differs(
      '204 x-amz-version-id=null',
      '204',
      'x-amz-version-id names what was removed; Ceph does not tell',
    ),
  )
}
