// The Credential of a signature: whose key, and for which day, region and service it was derived.

export interface Credential {
  readonly accessKeyId: string
  /** `20130524`. */
  readonly day: string
}

/** What is wrong, in S3's words, and what the answer says beside them. */
export interface Flaw {
  readonly message: string
  readonly extra?: Readonly<Record<string, string>>
}

/**
 * Reads `AKID/20130524/us-east-1/s3/aws4_request`; an access key may hold slashes.
 * @param time Of the request: `20130524T000000Z`
 */
export function readCredential(text: string, region: string, time: string): Credential | Flaw {
  const parts = text.split('/')
  const [day = '', scopeRegion = '', service = '', terminal = ''] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (accessKeyId === '')
    return {
      message:
        'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    }
  if (terminal !== 'aws4_request')
    return {
      message: `incorrect terminal "${terminal}". This endpoint uses "aws4_request".`,
    }
  if (service !== 's3')
    return { message: `incorrect service "${service}". This endpoint belongs to "s3".` }
  if (scopeRegion !== region)
    return {
      message: `the region '${scopeRegion}' is wrong; expecting '${region}'`,
      extra: { Region: region },
    }
  if (day !== time.slice(0, 8))
    return {
      message: `Invalid credential date "${day}". This date is not the same as X-Amz-Date: "${time.slice(0, 8)}".`,
    }
  return { accessKeyId, day }
}
