// What S3 answers when it refuses: the codes, statuses and texts that clients know.
// Source: "Error responses" in the Amazon S3 API Reference.
import { isHawserError, type HawserError } from '../core/errors.ts'

export type S3ErrorCode =
  | 'AccessDenied'
  | 'AccessForbidden'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'BadDigest'
  | 'BadRequest'
  | 'BucketAlreadyExists'
  | 'BucketAlreadyOwnedByYou'
  | 'BucketNotEmpty'
  | 'ConditionalRequestConflict'
  | 'EntityTooLarge'
  | 'EntityTooSmall'
  | 'ExpiredToken'
  | 'IllegalLocationConstraintException'
  | 'IllegalVersionIdException'
  | 'IllegalVersioningConfigurationException'
  | 'IncompleteBody'
  | 'IncorrectNumberOfFilesInPostRequest'
  | 'InternalError'
  | 'InvalidAccessKeyId'
  | 'InvalidArgument'
  | 'InvalidBucketName'
  | 'InvalidBucketState'
  | 'InvalidDigest'
  | 'InvalidLocationConstraint'
  | 'InvalidObjectState'
  | 'InvalidPart'
  | 'InvalidPartNumber'
  | 'InvalidPartOrder'
  | 'InvalidPolicyDocument'
  | 'InvalidRange'
  | 'InvalidRequest'
  | 'InvalidStorageClass'
  | 'InvalidTag'
  | 'InvalidToken'
  | 'InvalidURI'
  | 'KeyTooLongError'
  | 'MalformedPOSTRequest'
  | 'MalformedTrailerError'
  | 'MalformedXML'
  | 'MaxMessageLengthExceeded'
  | 'MaxPostPreDataLengthExceededError'
  | 'MetadataTooLarge'
  | 'MethodNotAllowed'
  | 'MissingContentLength'
  | 'MissingRequestBodyError'
  | 'NoSuchBucket'
  | 'NoSuchCORSConfiguration'
  | 'NoSuchKey'
  | 'NoSuchTagSet'
  | 'NoSuchUpload'
  | 'NoSuchVersion'
  | 'NotImplemented'
  | 'NotModified'
  | 'OperationAborted'
  | 'PreconditionFailed'
  | 'RequestHeaderSectionTooLarge'
  | 'RequestIsNotMultiPartContent'
  | 'RequestTimeTooSkewed'
  | 'RequestTimeout'
  | 'RestoreAlreadyInProgress'
  | 'ServiceUnavailable'
  | 'SignatureDoesNotMatch'
  | 'SlowDown'
  | 'StorageFull'
  | 'UnsupportedSignature'
  | 'XAmzContentChecksumMismatch'
  | 'XAmzContentSHA256Mismatch'

const catalogue: Readonly<Record<S3ErrorCode, readonly [status: number, text: string]>> = {
  AccessDenied: [403, 'Access Denied'],
  AccessForbidden: [403, 'CORSResponse: This CORS request is not allowed.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  AuthorizationQueryParametersError: [400, 'The query of this presigned address is not valid.'],
  BadDigest: [400, 'The digest that you specified did not match what was received.'],
  BadRequest: [400, 'The request is not a valid one.'],
  BucketAlreadyExists: [409, 'The bucket exists, and belongs to somebody else.'],
  BucketAlreadyOwnedByYou: [409, 'The bucket exists, and is yours.'],
  BucketNotEmpty: [409, 'The bucket that you tried to delete is not empty.'],
  ConditionalRequestConflict: [409, 'Another operation is changing the same key. Try again.'],
  EntityTooLarge: [400, 'The upload exceeds the largest size that is allowed.'],
  EntityTooSmall: [400, 'A part is smaller than the smallest size that is allowed.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  IllegalLocationConstraintException: [400, 'Buckets are not made in that region here.'],
  IllegalVersionIdException: [400, 'The version ID is not valid.'],
  IllegalVersioningConfigurationException: [
    400,
    'The versioning configuration that you specified is not valid.',
  ],
  IncompleteBody: [400, 'You did not send the number of bytes given by the Content-Length header.'],
  IncorrectNumberOfFilesInPostRequest: [400, 'A form must bring exactly one file.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key that you provided does not exist here.'],
  InvalidArgument: [400, 'An argument is not valid.'],
  InvalidBucketName: [400, 'The bucket name is not valid.'],
  InvalidBucketState: [409, 'The request is not valid for the present state of the bucket.'],
  InvalidDigest: [400, 'The Content-MD5 or checksum that you specified is not valid.'],
  InvalidLocationConstraint: [400, 'The location constraint is not a region.'],
  InvalidObjectState: [403, 'The operation is not valid for the state of the object.'],
  InvalidPart: [400, 'A part could not be found, or its ETag or checksum is not that of the part.'],
  InvalidPartNumber: [416, 'The object has no part of that number.'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order of part numbers.'],
  InvalidPolicyDocument: [400, 'The content of the form does not meet the policy document.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidStorageClass: [400, 'The storage class is not valid.'],
  InvalidTag: [400, 'A tag is not valid.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  InvalidURI: [400, 'The URI could not be parsed.'],
  KeyTooLongError: [400, 'Your key is too long.'],
  MalformedPOSTRequest: [400, 'The body of the POST request is not well-formed form data.'],
  MalformedTrailerError: [400, 'The headers behind the body are not those that were announced.'],
  MalformedXML: [400, 'The XML was not well-formed, or did not validate against the schema.'],
  MaxMessageLengthExceeded: [400, 'Your request was too large.'],
  MaxPostPreDataLengthExceededError: [
    400,
    'The fields ahead of the file are larger than is allowed.',
  ],
  MetadataTooLarge: [400, 'Your metadata headers exceed the largest size that is allowed.'],
  MethodNotAllowed: [405, 'The method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length header.'],
  MissingRequestBodyError: [400, 'The body of the request is empty.'],
  NoSuchBucket: [404, 'The bucket does not exist.'],
  NoSuchCORSConfiguration: [404, 'The CORS configuration does not exist.'],
  NoSuchKey: [404, 'The key does not exist.'],
  NoSuchTagSet: [404, 'There is no tag set.'],
  NoSuchUpload: [404, 'The upload does not exist: it may have been aborted or completed.'],
  NoSuchVersion: [404, 'The version does not exist.'],
  NotImplemented: [501, 'A part of the request asks for something that is not implemented.'],
  NotModified: [304, 'Not Modified'],
  OperationAborted: [409, 'A conflicting operation is in progress against this resource.'],
  PreconditionFailed: [412, 'At least one of the preconditions that you specified did not hold.'],
  RequestHeaderSectionTooLarge: [400, 'The headers and query are larger than is allowed.'],
  RequestIsNotMultiPartContent: [400, 'What is posted to a bucket must be form data with a file.'],
  RequestTimeTooSkewed: [403, 'The time of the request differs too much from the time here.'],
  RequestTimeout: [400, 'Nothing was received from your connection for too long.'],
  RestoreAlreadyInProgress: [409, 'The object is being restored already.'],
  ServiceUnavailable: [503, 'The service is not able to handle the request.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature that was calculated does not match the signature that you provided.',
  ],
  SlowDown: [503, 'Please reduce your request rate.'],
  StorageFull: [507, 'No space is left where the objects are kept.'],
  UnsupportedSignature: [400, 'The request is signed in a way that is not supported here.'],
  XAmzContentChecksumMismatch: [400, 'The provided x-amz-checksum header does not match.'],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
}

export interface S3ErrorDetails {
  /** Instead of the code's usual text. */
  readonly message?: string | undefined
  /** Elements of the error's body beside Code, Message, Resource and RequestId. */
  readonly extra?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
}

/** A refusal, as the client gets it. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly code: S3ErrorCode
  readonly status: number
  readonly extra: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: S3ErrorCode, details: S3ErrorDetails = {}) {
    const [status, text] = catalogue[code]
    super(
      details.message ?? text,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.code = code
    this.status = status
    this.extra = details.extra ?? {}
    this.headers = details.headers ?? {}
  }
}

/** Any thrown value as S3 says it. What the store refuses for reasons of its own is told by its kind, never in full. */
export function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error
  if (isHawserError(error)) return fromStore(error)
  return new S3Error('InternalError', { cause: error })
}

function fromStore(error: HawserError): S3Error {
  const cause = error
  switch (error.code) {
    case 'not-found':
      return new S3Error('NoSuchKey', { cause })
    case 'precondition-failed':
      return new S3Error('PreconditionFailed', { cause })
    case 'permission-denied':
    case 'unauthenticated':
      return new S3Error('AccessDenied', { cause })
    case 'range':
      return new S3Error('InvalidRange', { cause })
    case 'integrity':
      return new S3Error('BadDigest', { cause })
    case 'archived':
      return new S3Error('InvalidObjectState', { cause })
    case 'unsupported':
      return new S3Error('NotImplemented', { cause })
    case 'invalid-argument':
      return new S3Error('InvalidArgument', { cause })
    case 'no-space':
      return new S3Error('StorageFull', { cause })
    case 'conflict':
    case 'already-exists':
      return new S3Error('OperationAborted', { cause })
    case 'rate-limited':
      return new S3Error('SlowDown', { cause })
    case 'offline':
    case 'unavailable':
    case 'timeout':
    case 'interrupted':
      return new S3Error('ServiceUnavailable', { cause })
    case 'invalid-config':
    case 'local-io':
    case 'guard':
    case 'internal':
      return new S3Error('InternalError', { cause })
  }
  return new S3Error('InternalError', { cause })
}
