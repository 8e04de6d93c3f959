// Checksums in trailers.
import { checksumAlgorithms, checksumOf } from '../../../src/kernels/checksums.ts'
import { differs, type Scenario, type Expected } from './stage.ts'
import { headerOf, hello } from './checksum-tools.ts'

export const trailers: Scenario = async (stage) => {
  const key = `${await stage.bucket()}/key`
  const put = async (
    label: string,
    trailer: string,
    header: string,
    expected: Expected,
    decoded = '5',
    named = true,
  ): Promise<void> => {
    await stage.ask(
      label,
      'PUT',
      key,
      {
        headers: {
          'x-amz-trailer': header,
          ...(named && {
            'x-amz-sdk-checksum-algorithm': header.slice('x-amz-checksum-'.length).toUpperCase(),
          }),
          'x-amz-decoded-content-length': decoded,
          'content-encoding': 'aws-chunked',
        },
        payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        frame: () => `5\r\nhello\r\n0\r\n${trailer}\r\n`,
      },
      expected,
    )
  }
  for (const algorithm of checksumAlgorithms) {
    const header = headerOf(algorithm)
    await put(algorithm, `${header}:${checksumOf(algorithm, hello)}\r\n`, header, '200')
    await stage.ask(
      `${algorithm} with HEAD`,
      'HEAD',
      key,
      {
        headers: { 'x-amz-checksum-mode': 'ENABLED' },
        show: [header, 'x-amz-checksum-type', 'content-encoding', 'content-length'],
      },
      `200 ${header}=${checksumOf(algorithm, hello)} x-amz-checksum-type=FULL_OBJECT content-length=5`,
    )
    await put(
      `wrong ${algorithm}`,
      `${header}:${checksumOf(algorithm, new Uint8Array(1))}\r\n`,
      header,
      '400 BadDigest',
    )
  }
  await put(
    'one that does not come',
    '',
    'x-amz-checksum-crc32',
    differs(
      '400 MalformedTrailerError',
      '200',
      'List of error codes: MalformedTrailerError; Ceph ignores what is missing',
    ),
  )
  await put(
    'another than was announced',
    `x-amz-checksum-sha1:${checksumOf('SHA1', hello)}\r\n`,
    'x-amz-checksum-crc32',
    differs(
      '400 MalformedTrailerError',
      '200',
      'List of error codes: MalformedTrailerError; Ceph ignores what is missing',
    ),
  )
  await put(
    'one of no form',
    'x-amz-checksum-crc32:AAAA\r\n',
    'x-amz-checksum-crc32',
    differs(
      '400 InvalidRequest',
      '400 BadDigest',
      'A value that is no checksum is refused as such; Ceph compares it',
    ),
  )
  await put(
    'no checksum',
    'x-amz-meta-a:1\r\n',
    'x-amz-meta-a',
    differs('400 InvalidRequest', '200', 'x-amz-trailer names a checksum; Ceph takes anything'),
    '5',
    false,
  )
  await put(
    'of more bytes than came',
    `x-amz-checksum-crc32:${checksumOf('CRC32', hello)}\r\n`,
    'x-amz-checksum-crc32',
    differs(
      '400 IncompleteBody',
      '400 RequestTimeout',
      'List of error codes: IncompleteBody; Ceph waits for more, or takes less',
    ),
    '6',
  )
  await put(
    'of fewer bytes than came',
    `x-amz-checksum-crc32:${checksumOf('CRC32', hello)}\r\n`,
    'x-amz-checksum-crc32',
    differs(
      '400 IncompleteBody',
      '400 BadDigest',
      'List of error codes: IncompleteBody; Ceph waits for more, or takes less',
    ),
    '4',
  )
}
