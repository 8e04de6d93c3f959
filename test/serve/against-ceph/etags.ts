// An etag of nothing that is there.

export const other = '"0123456789abcdef0123456789abcdef"'
