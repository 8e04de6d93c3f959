// How large things may be: "Amazon S3 multipart upload limits" in the Amazon S3 User Guide.

/** What is written, copied, or a part, in one request. */
export const MAX_WRITE: number = 5 * 2 ** 30
/** The XML of a request: the largest names 10,000 parts, or 1,000 keys with a reference for each character. */
export const MAX_XML: number = 8 * 2 ** 20
