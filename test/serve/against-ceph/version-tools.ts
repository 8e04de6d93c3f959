// What the scenarios of versions look at.

/** Of a read. */
export const show: readonly string[] = ['x-amz-version-id', 'x-amz-delete-marker', 'allow', 'body']

/** Of what has no body, or none of interest. */
export const bare: readonly string[] = ['x-amz-version-id', 'x-amz-delete-marker']
