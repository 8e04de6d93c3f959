// CompleteMultipartUpload and AbortMultipartUpload.
import { differs, type Heard, type Scenario, type Expected } from './stage.ts'
import { wrongTag, begin, part, listOf } from './upload-tools.ts'

const big = 'x'.repeat(5 * 2 ** 20)

/** An upload of two parts, and what completes it. */
interface Begun {
  readonly id: string
  readonly one: string
  readonly three: string
}

export const completions: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const key = `${bucket}/key`
  const begun = async (): Promise<Begun> => {
    const id = await begin(stage, key, { 'content-type': 'text/plain', 'x-amz-meta-a': '1' })
    return {
      id,
      one: await part(stage, key, id, 1, big),
      three: await part(stage, key, id, 3, 'tail'),
    }
  }
  const complete = async (
    label: string,
    id: string,
    body: string,
    expected: Expected,
    headers: Record<string, string> = {},
  ): Promise<Heard> =>
    stage.ask(
      label,
      'POST',
      key,
      {
        query: { uploadId: id },
        body,
        headers,
        show: ['Bucket', 'Key', 'CompleteMultipartUploadResult/ETag'],
      },
      expected,
    )
  const { id, one, three } = await begun()
  await complete('no parts', id, listOf([]), '400 MalformedXML')
  await complete('no XML', id, 'none', '400 MalformedXML')
  await complete(
    'nothing',
    id,
    '',
    differs(
      '400 MissingRequestBodyError',
      '400 MalformedXML',
      'List of error codes: MissingRequestBodyError; Ceph says that it is no XML',
    ),
  )
  await complete('another document', id, '<Other/>', '400 MalformedXML')
  await complete(
    'a part without an etag',
    id,
    '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
    '400 MalformedXML',
  )
  await stage.ask('nothing is there before', 'GET', key, {}, '404 NoSuchKey')
  await complete(
    'If-Match where nothing is',
    id,
    listOf([
      [1, one],
      [3, three],
    ]),
    '404 NoSuchKey',
    { 'if-match': wrongTag },
  )
  const { id: whole } = await begun()
  await complete(
    'etags without quotes',
    whole,
    listOf([
      [1, one.replaceAll('"', '')],
      [3, three.replaceAll('"', '')],
    ]),
    '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
  )
  await complete(
    'again',
    whole,
    listOf([
      [1, one],
      [3, three],
    ]),
    '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
  )
  await stage.ask(
    'HEAD',
    'HEAD',
    key,
    { show: ['content-length', 'content-type', 'x-amz-meta-a', 'etag'] },
    '200 content-length=5242884 content-type=text/plain x-amz-meta-a=1 etag="a45f1422f2dbe3d2890829dd76adba1b-2"',
  )
  await stage.ask(
    'its first part',
    'HEAD',
    key,
    {
      query: { partNumber: '1' },
      show: ['content-range', 'content-length', 'x-amz-mp-parts-count'],
    },
    differs(
      '206 content-range=bytes 0-5242879/5242884 content-length=5242880 x-amz-mp-parts-count=2',
      '200 content-length=5242880 x-amz-mp-parts-count=3',
      'GetObject: effectively a ranged GET, and as many parts as there are; Ceph sends it as the whole, and counts to the last number',
    ),
  )
  await stage.ask(
    'its third part, which is the second',
    'GET',
    key,
    { query: { partNumber: '3' }, show: ['content-range', 'x-amz-mp-parts-count', 'body'] },
    differs(
      '206 content-range=bytes 5242880-5242883/5242884 x-amz-mp-parts-count=2 "tail"',
      '200 x-amz-mp-parts-count=3 "tail"',
      'GetObject: effectively a ranged GET, and as many parts as there are; Ceph sends it as the whole, and counts to the last number',
    ),
  )
  await stage.ask(
    'a part that it does not have',
    'GET',
    key,
    { query: { partNumber: '2' } },
    differs(
      '416 InvalidPartNumber',
      '400 InvalidPart',
      'List of error codes: InvalidPartNumber, 416; Ceph has a code of its own',
    ),
  )
  await stage.ask(
    'a part behind its last',
    'GET',
    key,
    { query: { partNumber: '4' } },
    differs(
      '416 InvalidPartNumber',
      '400 InvalidPart',
      'List of error codes: InvalidPartNumber, 416; Ceph has a code of its own',
    ),
  )
  await stage.ask(
    'abort of what is complete',
    'DELETE',
    key,
    { query: { uploadId: whole } },
    '404 NoSuchUpload',
  )
  const fresh = async (
    label: string,
    list: (begun: Begun) => string,
    expected: Expected,
    headers: Record<string, string> = {},
  ): Promise<void> => {
    const upload = await begun()
    await complete(label, upload.id, list(upload), expected, headers)
  }
  const right = (): string =>
    listOf([
      [1, one],
      [3, three],
    ])
  await fresh(
    'out of order',
    () =>
      listOf([
        [3, three],
        [1, one],
      ]),
    differs(
      '400 InvalidPartOrder',
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
      'List of error codes: InvalidPartOrder; Ceph puts the list in order',
    ),
  )
  await fresh(
    'a part twice',
    () =>
      listOf([
        [1, one],
        [1, one],
      ]),
    differs(
      '400 InvalidPartOrder',
      '400 InvalidPart',
      'List of error codes: InvalidPartOrder; Ceph puts the list in order',
    ),
  )
  await fresh(
    'a part that is not there',
    () =>
      listOf([
        [1, one],
        [2, three],
      ]),
    '400 InvalidPart',
  )
  await fresh(
    'an etag that is not its own',
    () =>
      listOf([
        [1, wrongTag],
        [3, three],
      ]),
    '400 InvalidPart',
  )
  await fresh(
    'part 0',
    () => listOf([[0, one]]),
    differs(
      '400 InvalidArgument',
      '400 InvalidPart',
      'A part number is an integer from 1 to 10,000; Ceph looks for it',
    ),
  )
  await fresh(
    'part 10001',
    () => listOf([[10001, one]]),
    differs(
      '400 InvalidArgument',
      '400 InvalidPart',
      'A part number is an integer from 1 to 10,000; Ceph looks for it',
    ),
  )
  await fresh(
    'a part without a number',
    () => listOf([['one', one]]),
    differs(
      '400 MalformedXML',
      '400 InvalidPart',
      'A part number is an integer from 1 to 10,000; Ceph looks for it',
    ),
  )
  await fresh(
    'only the first part',
    () => listOf([[1, one]]),
    differs(
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="9dc2b5968307ce171ec8a2a9251a60d9-1"',
      '400 InvalidPart',
      'CompleteMultipartUpload: the parts of the list, others are not needed; Ceph wants all that were uploaded',
    ),
  )
  await fresh(
    'of another size',
    right,
    differs(
      '400 InvalidRequest',
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
      'CompleteMultipartUpload: x-amz-mp-object-size is compared; Ceph ignores it',
    ),
    { 'x-amz-mp-object-size': '7' },
  )
  await fresh(
    'of its size',
    right,
    '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
    { 'x-amz-mp-object-size': '5242884' },
  )
  await fresh('If-None-Match where something is', right, '412 PreconditionFailed', {
    'if-none-match': '*',
  })
  await fresh('If-Match of another', right, '412 PreconditionFailed', { 'if-match': wrongTag })
  await complete(
    'an upload that is none',
    'none',
    right(),
    differs(
      '404 NoSuchUpload',
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
      'List of error codes: NoSuchUpload; Ceph takes the object that is there for the outcome',
    ),
  )
  const small = await begin(stage, key)
  const tags = [
    await part(stage, key, small, 1, 'small'),
    await part(stage, key, small, 2, 'last'),
  ] as const
  await complete(
    'too small a part',
    small,
    listOf([
      [1, tags[0]],
      [2, tags[1]],
    ]),
    '400 EntityTooSmall',
  )
  await complete(
    'one small part',
    small,
    listOf([[2, tags[1]]]),
    differs(
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="52f9800dff8537824fe1c62525796ed4-1"',
      '400 InvalidPart',
      'CompleteMultipartUpload: the parts of the list, others are not needed; Ceph wants all that were uploaded',
    ),
  )
  const aborted = await begin(stage, key)
  await stage.ask('DELETE', 'DELETE', key, { query: { uploadId: aborted } }, '204')
  await stage.ask(
    'DELETE again',
    'DELETE',
    key,
    { query: { uploadId: aborted } },
    '404 NoSuchUpload',
  )
  await stage.ask(
    'a part of what was aborted',
    'PUT',
    key,
    { query: { uploadId: aborted, partNumber: '1' }, body: 'x' },
    '404 NoSuchUpload',
  )
  await complete(
    'what was aborted',
    aborted,
    right(),
    differs(
      '404 NoSuchUpload',
      '200 Bucket=BUCKET Key=key CompleteMultipartUploadResult/ETag="a45f1422f2dbe3d2890829dd76adba1b-2"',
      'List of error codes: NoSuchUpload; Ceph takes the object that is there for the outcome',
    ),
  )
}
