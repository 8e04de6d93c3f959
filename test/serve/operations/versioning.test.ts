import { expect, test } from 'vitest'
import { served } from '../client.ts'

const s3 = served()
const query = { versioning: '' }

test('is off, and then enabled or suspended', async () => {
  const bucket = await s3.bucket()
  const status = async (): Promise<string | undefined> =>
    (await s3.done('GET', bucket, { query })).get('Status')
  expect(await status()).toBeUndefined()
  await s3.versioning(bucket, 'Enabled')
  expect(await status()).toBe('Enabled')
  await s3.versioning(bucket, 'Suspended')
  expect(await status()).toBe('Suspended')
})

test.each([
  ['<Status>On</Status>', 'MalformedXML'],
  ['', 'IllegalVersioningConfigurationException'],
  ['<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>', 'NotImplemented'],
])('%s is refused', async (inside, code) => {
  const body = `<VersioningConfiguration>${inside}</VersioningConfiguration>`
  expect(await s3.refused('PUT', await s3.bucket(), { query, body })).toMatchObject({ code })
})
