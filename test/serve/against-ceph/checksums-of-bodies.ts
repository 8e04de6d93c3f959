// Checksums of bodies, and GetObjectAttributes.
import { checksumAlgorithms, checksumOf } from '../../../src/kernels/checksums.ts'
import { differs, md5, type Scenario, type Expected } from './stage.ts'
import { headerOf, hello } from './checksum-tools.ts'

export const bodies: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  const put = async (
    label: string,
    headers: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(label, 'PUT', key, { body: 'hello', headers }, expected)
  }
  for (const algorithm of checksumAlgorithms) {
    const header = headerOf(algorithm)
    const value = checksumOf(algorithm, hello)
    const show = [header, 'x-amz-checksum-type']
    // As every client of Amazon's sends it along. Without it Ceph looks at no checksum.
    const sdk = { 'x-amz-sdk-checksum-algorithm': algorithm }
    await stage.ask(
      algorithm,
      'PUT',
      key,
      { body: 'hello', headers: { [header]: value, ...sdk }, show: [header] },
      `200 ${header}=${value}`,
    )
    await stage.ask(
      `${algorithm} with HEAD`,
      'HEAD',
      key,
      { headers: { 'x-amz-checksum-mode': 'ENABLED' }, show },
      `200 ${header}=${value} x-amz-checksum-type=FULL_OBJECT`,
    )
    await stage.ask(
      `${algorithm} of a range`,
      'GET',
      key,
      { headers: { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-1' }, show },
      '206',
    )
    await stage.ask(`${algorithm} not asked for`, 'HEAD', key, { show }, '200')
    await put(
      `wrong ${algorithm}`,
      { [header]: checksumOf(algorithm, new Uint8Array(1)), ...sdk },
      '400 BadDigest',
    )
    await put(
      `wrong ${algorithm}, alone`,
      { [header]: checksumOf(algorithm, new Uint8Array(1)) },
      differs(
        '400 BadDigest',
        '200',
        'Checking object integrity: what comes with a checksum is verified; Ceph wants its algorithm named beside',
      ),
    )
    await put(
      `${algorithm} of no form`,
      { [header]: 'AAAA', ...sdk },
      differs(
        '400 InvalidRequest',
        '400 BadDigest',
        'A value that is no checksum is refused as such; Ceph compares it',
      ),
    )
  }
  await put(
    'two at once',
    {
      'x-amz-checksum-crc32': checksumOf('CRC32', hello),
      'x-amz-checksum-sha1': checksumOf('SHA1', hello),
    },
    differs(
      '400 InvalidRequest',
      '200',
      'Checking object integrity: one checksum, of the algorithm that was named; Ceph takes the one that it finds',
    ),
  )
  await put(
    'another algorithm than was announced',
    {
      'x-amz-sdk-checksum-algorithm': 'SHA256',
      'x-amz-checksum-crc32': checksumOf('CRC32', hello),
    },
    differs(
      '400 InvalidRequest',
      '200',
      'Checking object integrity: one checksum, of the algorithm that was named; Ceph takes the one that it finds',
    ),
  )
  await put('Content-MD5', { 'content-md5': md5('hello') }, '200')
  await put('a wrong Content-MD5', { 'content-md5': md5('other') }, '400 BadDigest')
  await put('a Content-MD5 of no form', { 'content-md5': 'hello' }, '400 InvalidDigest')
  await put('an empty Content-MD5', { 'content-md5': '' }, '400 InvalidDigest')
  await stage.ask(
    'a wrong SHA-256 in the signature',
    'PUT',
    key,
    { body: 'hello', payload: 'a'.repeat(64) },
    '400 XAmzContentSHA256Mismatch',
  )
  await stage.ask(
    'what was there before is still there',
    'GET',
    key,
    { show: ['body'] },
    '200 "hello"',
  )
  await stage.ask(
    'a checksum that was not sent',
    'PUT',
    `${bucket}/none`,
    { body: 'hello', show: ['x-amz-checksum-crc64nvme', 'x-amz-checksum-type'] },
    differs(
      '200 x-amz-checksum-crc64nvme=M3eFcAZSQlc= x-amz-checksum-type=FULL_OBJECT',
      '200',
      'Checking object integrity: CRC64NVME where the client names none; Ceph has none then',
    ),
  )
  await stage.ask(
    'is CRC64NVME',
    'HEAD',
    `${bucket}/none`,
    {
      headers: { 'x-amz-checksum-mode': 'ENABLED' },
      show: ['x-amz-checksum-crc64nvme', 'x-amz-checksum-type'],
    },
    differs(
      '200 x-amz-checksum-crc64nvme=M3eFcAZSQlc= x-amz-checksum-type=FULL_OBJECT',
      '200',
      'Checking object integrity: CRC64NVME where the client names none; Ceph has none then',
    ),
  )
  await stage.put(`${bucket}/sha`, 'hello', {
    'x-amz-checksum-sha256': checksumOf('SHA256', hello),
    'x-amz-sdk-checksum-algorithm': 'SHA256',
  })
  const show = ['ChecksumSHA256', 'ChecksumCRC32', 'ChecksumType']
  await stage.ask(
    'of a copy',
    'PUT',
    `${bucket}/copy`,
    { headers: { 'x-amz-copy-source': `/${bucket}/sha` }, show },
    differs(
      '200 ChecksumSHA256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ= ChecksumType=FULL_OBJECT',
      '200',
      'CopyObject: the checksum of the source, or the one asked for; Ceph has none of a copy',
    ),
  )
  await stage.ask(
    'of a copy with another',
    'PUT',
    `${bucket}/copy`,
    {
      headers: { 'x-amz-copy-source': `/${bucket}/sha`, 'x-amz-checksum-algorithm': 'CRC32' },
      show,
    },
    differs(
      '200 ChecksumCRC32=NhCmhg== ChecksumType=FULL_OBJECT',
      '200',
      'CopyObject: the checksum of the source, or the one asked for; Ceph has none of a copy',
    ),
  )
  await stage.ask(
    'attributes',
    'GET',
    `${bucket}/sha`,
    {
      query: { attributes: '' },
      headers: { 'x-amz-object-attributes': 'ETag,Checksum,ObjectSize,StorageClass,ObjectParts' },
      show: ['ETag', 'ChecksumSHA256', 'ChecksumType', 'ObjectSize', 'StorageClass', 'PartsCount'],
    },
    '200 ETag=5d41402abc4b2a76b9719d911017c592 ChecksumSHA256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ= ChecksumType=FULL_OBJECT ObjectSize=5 StorageClass=STANDARD',
  )
  await stage.ask(
    'no attributes',
    'GET',
    `${bucket}/sha`,
    { query: { attributes: '' } },
    differs(
      '400 InvalidArgument',
      '200',
      'GetObjectAttributes: the header is required, and has five values; Ceph takes anything',
    ),
  )
  await stage.ask(
    'attributes that are none',
    'GET',
    `${bucket}/sha`,
    { query: { attributes: '' }, headers: { 'x-amz-object-attributes': 'Colour' } },
    differs(
      '400 InvalidArgument',
      '200',
      'GetObjectAttributes: the header is required, and has five values; Ceph takes anything',
    ),
  )
  await stage.ask(
    'attributes of what is not there',
    'GET',
    `${bucket}/nothing`,
    { query: { attributes: '' }, headers: { 'x-amz-object-attributes': 'ETag' } },
    '404 NoSuchKey',
  )
}
