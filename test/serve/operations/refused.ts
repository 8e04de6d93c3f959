// What tests of refusals share.
import { S3Error, type S3ErrorCode } from '../../../src/serve/errors.ts'

/** The refusal that the call ends with. @throws Error where it ends otherwise */
export function refused(call: () => unknown): S3Error {
  try {
    call()
  } catch (error) {
    if (error instanceof S3Error) return error
    throw error
  }
  throw new Error('nothing was refused')
}

export function refusedCode(call: () => unknown): S3ErrorCode {
  return refused(call).code
}
