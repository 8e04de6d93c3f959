// PostObject.
import { Secret } from '../../../src/core/secret.ts'
import { scopeOf, signatureOf, signingKey, timestamp } from '../../../src/wire/sigv4.ts'
import { differs, type Scenario, type Expected } from './stage.ts'

export const forms: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const boundary = 'a-boundary'
  const { accessKeyId, secretAccessKey, region } = stage.endpoint
  interface Form {
    readonly fields?: Record<string, string>
    readonly conditions?: readonly unknown[]
    readonly minutes?: number
    readonly secret?: string
    readonly file?: string
    readonly unsaid?: Record<string, string>
    readonly plain?: boolean
  }
  const form = ({
    fields = {},
    conditions,
    minutes = 5,
    secret = secretAccessKey,
    file = 'hello',
    unsaid = {},
    plain = false,
  }: Form): string => {
    const time = timestamp(new Date())
    const all: Record<string, string> = {
      key: 'form',
      ...fields,
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': `${accessKeyId}/${scopeOf(time.slice(0, 8), region)}`,
      'x-amz-date': time,
    }
    const expiration = new Date(Date.now() + minutes * 60_000).toISOString()
    const policy = Buffer.from(
      JSON.stringify({
        expiration,
        conditions: [
          { bucket },
          ...Object.keys(all).map((name) => ['starts-with', `$${name}`, '']),
          ...(conditions ?? []),
        ],
      }),
    ).toString('base64')
    const signature = signatureOf(
      signingKey(new Secret(secret), time.slice(0, 8), region),
      policy,
    ).toString('hex')
    const sent = plain
      ? { key: 'form', ...fields }
      : { ...all, ...unsaid, policy, 'x-amz-signature': signature }
    const parts = Object.entries(sent).map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    return `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="name.txt"\r\nContent-Type: text/plain\r\n\r\n${file}\r\n--${boundary}--\r\n`
  }
  const post = async (
    label: string,
    given: Form,
    expected: Expected,
    show: readonly string[] = [],
  ): Promise<void> => {
    await stage.ask(
      label,
      'POST',
      bucket,
      {
        as: 'anonymous',
        body: form(given),
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
        show,
      },
      expected,
    )
  }
  await post('a file', {}, '204 etag="5d41402abc4b2a76b9719d911017c592"', ['etag'])
  await post('its name', { fields: { key: 'up/${filename}' } }, '204')
  await stage.ask(
    'is that of the file',
    'GET',
    `${bucket}/up/name.txt`,
    { show: ['body'] },
    '200 "hello"',
  )
  await post(
    'status 201',
    { fields: { success_action_status: '201' } },
    '201 Bucket=BUCKET Key=form ETag="5d41402abc4b2a76b9719d911017c592"',
    ['Bucket', 'Key', 'ETag'],
  )
  await post('status 200', { fields: { success_action_status: '200' } }, '200 ""', ['body'])
  await post('status 299', { fields: { success_action_status: '299' } }, '204')
  await post(
    'a redirection',
    { fields: { success_action_redirect: 'http://example.com/?a=1' } },
    '303',
    [],
  )
  await post(
    'metadata and type',
    { fields: { key: 'meta', 'Content-Type': 'text/x', 'x-amz-meta-a': '1' } },
    '204',
  )
  await stage.ask(
    'are kept',
    'HEAD',
    `${bucket}/meta`,
    { show: ['content-type', 'x-amz-meta-a'] },
    '200 content-type=text/x x-amz-meta-a=1',
  )
  await post('an expired policy', { minutes: -1 }, '403 AccessDenied')
  await post(
    'the wrong secret',
    { secret: 'wrong' },
    differs(
      '403 SignatureDoesNotMatch',
      '403 AccessDenied',
      'List of error codes: SignatureDoesNotMatch; Ceph has a general one',
    ),
  )
  await post(
    'a field that the policy does not have',
    { unsaid: { 'x-amz-meta-b': '1' } },
    '403 AccessDenied',
  )
  await post('a field that the policy may ignore', { unsaid: { 'x-ignore-b': '1' } }, '204')
  await post(
    'another key than the policy says',
    { conditions: [['eq', '$key', 'other']] },
    '403 AccessDenied',
  )
  await post(
    'too long a file',
    { conditions: [['content-length-range', 0, 4]] },
    '400 EntityTooLarge',
  )
  await post(
    'too short a file',
    { conditions: [['content-length-range', 6, 10]] },
    '400 EntityTooSmall',
  )
  await post('a file of the right length', { conditions: [['content-length-range', 5, 5]] }, '204')
  const send = async (
    label: string,
    body: string,
    type: string,
    expected: Expected,
  ): Promise<void> => {
    await stage.ask(
      label,
      'POST',
      bucket,
      { as: 'anonymous', body, headers: { 'content-type': type } },
      expected,
    )
  }
  const formData = `multipart/form-data; boundary=${boundary}`
  await send(
    'no form',
    'x',
    'text/plain',
    differs(
      '400 RequestIsNotMultiPartContent',
      '400 InvalidArgument',
      'List of error codes: RequestIsNotMultiPartContent; Ceph has a general one',
    ),
  )
  await send(
    'nothing',
    '',
    formData,
    differs(
      '400 MalformedPOSTRequest',
      '400 InvalidArgument',
      'List of error codes: MalformedPOSTRequest; Ceph has a general one',
    ),
  )
  await send(
    'no file',
    `--${boundary}\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--${boundary}--\r\n`,
    formData,
    differs(
      '400 IncorrectNumberOfFilesInPostRequest',
      '403 AccessDenied',
      'List of error codes: IncorrectNumberOfFilesInPostRequest; Ceph looks for a policy first',
    ),
  )
  await send(
    'a form cut off',
    form({}).slice(0, -20),
    formData,
    differs(
      '400 MalformedPOSTRequest',
      '400 InvalidArgument',
      'List of error codes: MalformedPOSTRequest; Ceph has a general one',
    ),
  )
  await post('no policy', { plain: true }, '403 AccessDenied')
}
