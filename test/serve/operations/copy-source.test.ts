import { expect, test } from 'vitest'
import { parseCopySource } from '../../../src/serve/operations/copy-source.ts'
import { refusedCode } from './refused.ts'

test.each([
  ['b/k', 'b', 'k', undefined],
  ['/b/k/l', 'b', 'k/l', undefined],
  ['b//k', 'b', '/k', undefined],
  ['b%2Fk', 'b', 'k', undefined],
  ['/b/caf%C3%A9+x%20y%3Fversion', 'b', 'café+x y?version', undefined],
  ['b/k?versionId=v%2B1', 'b', 'k', 'v+1'],
])('%s', (header, bucket, key, version) => {
  expect(parseCopySource(header)).toEqual({ bucket, key, version })
})

test.each(['', '/', 'b', '/b', 'b/', '/b/', 'b/%C3', 'b/k?versionId=', 'b/k?x=1'])(
  '%j is none',
  (header) => {
    expect(refusedCode(() => parseCopySource(header))).toBe('InvalidArgument')
  },
)
