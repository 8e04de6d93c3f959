// Checksums of objects in parts.
import { checksumOf, objectChecksum } from '../../../src/kernels/checksums.ts'
import type { Checksum } from '../../../src/serve/body/types.ts'
import { differs, type Scenario, type Expected } from './stage.ts'
import { begin, listOf } from './upload-tools.ts'
import { headerOf, hello } from './checksum-tools.ts'

const asOf = (s3: string, ceph: string): Expected =>
  s3 === ceph
    ? s3
    : differs(
        s3,
        ceph,
        'CreateMultipartUpload: x-amz-checksum-type; Ceph makes every CRC one of the full object',
      )

export const inParts: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const first = 'x'.repeat(5 * 2 ** 20)
  const pieces = [Buffer.from(first), Buffer.from('tail')]
  for (const [algorithm, type] of [
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
  ] as const) {
    const name = `${algorithm} ${type}`
    const key = `${bucket}/${algorithm}-${type}`
    const header = headerOf(algorithm)
    const sdk = { 'x-amz-sdk-checksum-algorithm': algorithm }
    const uploadId = await begin(stage, key, {
      'x-amz-checksum-algorithm': algorithm,
      'x-amz-checksum-type': type,
    })
    const sums = pieces.map((piece) => ({
      value: checksumOf(algorithm, piece),
      size: piece.length,
    }))
    const whole = objectChecksum(algorithm, type, sums)
    const listed = `Part/Checksum${algorithm}=${sums.map(({ value }) => value).join(',')}`
    const answers = (checksum: Checksum): Record<'completed' | 'head' | 'attributes', string> => ({
      completed: `200 CompleteMultipartUploadResult/Checksum${algorithm}=${checksum.value} ChecksumType=${checksum.type}`,
      head: `200 ${header}=${checksum.value} x-amz-checksum-type=${checksum.type}`,
      attributes: `200 Checksum/Checksum${algorithm}=${checksum.value} ChecksumType=${checksum.type} PartsCount=2 Part/Size=5242880,4`,
    })
    const ours = answers(whole)
    const cephs = answers(
      objectChecksum(algorithm, algorithm.startsWith('CRC') ? 'FULL_OBJECT' : 'COMPOSITE', sums),
    )
    const tags: string[] = []
    for (const [index, piece] of pieces.entries()) {
      const { headers } = await stage.done('PUT', key, {
        query: { uploadId, partNumber: String(index + 1) },
        body: piece,
        headers: { [header]: sums[index]?.value ?? '', ...sdk },
      })
      tags.push(String(headers.etag))
    }
    const element = (value: string): string =>
      `<Checksum${algorithm}>${value}</Checksum${algorithm}>`
    const list = (values: readonly string[]): string =>
      listOf(
        tags.map((tag, index) => [
          index + 1,
          tag,
          values[index] === undefined ? '' : element(values[index]),
        ]),
      )
    const right = list(sums.map(({ value }) => value))
    const complete = async (
      label: string,
      body: string,
      headers: Record<string, string>,
      expected: Expected,
    ): Promise<void> => {
      await stage.ask(
        `${name}: ${label}`,
        'POST',
        key,
        {
          query: { uploadId },
          body,
          headers,
          show: [`CompleteMultipartUploadResult/Checksum${algorithm}`, 'ChecksumType'],
        },
        expected,
      )
    }
    await stage.ask(
      `${name}: a wrong part`,
      'PUT',
      key,
      {
        query: { uploadId, partNumber: '2' },
        body: 'tail',
        headers: { [header]: checksumOf(algorithm, hello), ...sdk },
      },
      '400 BadDigest',
    )
    await stage.ask(
      `${name}: ListParts`,
      'GET',
      key,
      {
        query: { uploadId },
        show: ['ChecksumAlgorithm', 'ChecksumType', `Part/Checksum${algorithm}`],
      },
      differs(
        `200 ChecksumAlgorithm=${algorithm} ChecksumType=${type} ${listed}`,
        `200 ${listed}`,
        'ListParts: ChecksumAlgorithm and ChecksumType; Ceph does not tell',
      ),
    )
    await complete(
      'a wrong checksum of the whole',
      right,
      {
        [header]:
          type === 'COMPOSITE' ? `${checksumOf(algorithm, hello)}-2` : checksumOf(algorithm, hello),
        'x-amz-checksum-type': type,
      },
      algorithm === 'CRC64NVME'
        ? differs(
            '400 BadDigest',
            cephs.completed,
            'CompleteMultipartUpload: compared with the checksum of the object; Ceph compares all but this one',
          )
        : '400 BadDigest',
    )
    await complete(
      'a wrong checksum of a part',
      list([sums[0]?.value ?? '', checksumOf(algorithm, hello)]),
      {},
      differs(
        '400 InvalidPart',
        cephs.completed,
        'CompletedPart: the checksum of the part; Ceph looks at the etag alone',
      ),
    )
    await complete(
      'another type',
      right,
      { 'x-amz-checksum-type': type === 'COMPOSITE' ? 'FULL_OBJECT' : 'COMPOSITE' },
      differs(
        '400 InvalidRequest',
        cephs.completed,
        'CompleteMultipartUpload: the type must be that of the upload; Ceph has completed it already',
      ),
    )
    await complete(
      'right',
      right,
      { [header]: whole.value, 'x-amz-checksum-type': type },
      asOf(ours.completed, cephs.completed),
    )
    await stage.ask(
      `${name}: HEAD`,
      'HEAD',
      key,
      { headers: { 'x-amz-checksum-mode': 'ENABLED' }, show: [header, 'x-amz-checksum-type'] },
      asOf(ours.head, cephs.head),
    )
    await stage.ask(
      `${name}: attributes, a page`,
      'GET',
      key,
      {
        query: { attributes: '' },
        headers: {
          'x-amz-object-attributes': 'ObjectParts',
          'x-amz-max-parts': '1',
          'x-amz-part-number-marker': '1',
        },
        show: [
          'Part/PartNumber',
          'PartsCount',
          'PartNumberMarker',
          'NextPartNumberMarker',
          'MaxParts',
          'IsTruncated',
        ],
      },
      differs(
        '200 Part/PartNumber=2 PartsCount=2 PartNumberMarker=1 NextPartNumberMarker=2 MaxParts=1 IsTruncated=false',
        '200 Part/PartNumber=2 PartsCount=2 PartNumberMarker=1 MaxParts=1 IsTruncated=false',
        'GetObjectAttributes: NextPartNumberMarker is there; not in Ceph’s last page',
      ),
    )
    await stage.ask(
      `${name}: checksum of a part`,
      'GET',
      key,
      {
        query: { partNumber: '2' },
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
        show: [header, 'x-amz-checksum-type', 'body'],
      },
      differs(
        `206 ${header}=${sums[1]?.value} x-amz-checksum-type=${type} "tail"`,
        `200 ${header}=${sums[1]?.value}-2 x-amz-checksum-type=COMPOSITE "tail"`,
        'GetObject: effectively a ranged GET, with the checksum of the part; Ceph calls it one of parts',
      ),
    )
    await stage.ask(
      `${name}: attributes`,
      'GET',
      key,
      {
        query: { attributes: '' },
        headers: { 'x-amz-object-attributes': 'Checksum,ObjectParts' },
        show: [`Checksum/Checksum${algorithm}`, 'ChecksumType', 'PartsCount', 'Part/Size'],
      },
      asOf(ours.attributes, cephs.attributes),
    )
  }
  const begins = async (
    label: string,
    headers: Record<string, string>,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'POST',
      `${bucket}/begun`,
      {
        query: { uploads: '' },
        headers,
        show: ['x-amz-checksum-algorithm', 'x-amz-checksum-type'],
      },
      expected,
    )
  }
  await begins(
    'SHA256 FULL_OBJECT',
    { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' },
    differs(
      '400 InvalidRequest',
      '400 InvalidRequest x-amz-checksum-algorithm=SHA256',
      'Nothing was made whose algorithm could be told; Ceph tells it all the same',
    ),
  )
  await begins(
    'CRC64NVME COMPOSITE',
    { 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' },
    differs(
      '400 InvalidRequest',
      '400 InvalidRequest x-amz-checksum-algorithm=CRC64NVME',
      'Nothing was made whose algorithm could be told; Ceph tells it all the same',
    ),
  )
  await begins(
    'CRC32',
    { 'x-amz-checksum-algorithm': 'CRC32' },
    differs(
      '200 x-amz-checksum-algorithm=CRC32 x-amz-checksum-type=COMPOSITE',
      '200 x-amz-checksum-algorithm=CRC32',
      'CreateMultipartUpload: x-amz-checksum-type; Ceph does not tell',
    ),
  )
  await begins(
    'CRC64NVME',
    { 'x-amz-checksum-algorithm': 'CRC64NVME' },
    differs(
      '200 x-amz-checksum-algorithm=CRC64NVME x-amz-checksum-type=FULL_OBJECT',
      '200 x-amz-checksum-algorithm=CRC64NVME',
      'CreateMultipartUpload: x-amz-checksum-type; Ceph does not tell',
    ),
  )
  await begins(
    'an algorithm that is none',
    { 'x-amz-checksum-algorithm': 'MD4' },
    differs(
      '400 InvalidRequest',
      '200',
      'CreateMultipartUpload: five algorithms; Ceph ignores others',
    ),
  )
}
