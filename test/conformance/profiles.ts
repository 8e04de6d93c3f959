// The profiles of the stores that need no server.
import type { Profile } from './suite.ts'

export const memoryProfile: Profile = {
  traits: {
    order: 'key',
    hierarchical: false,
    modified: 'stored',
    conditions: new Set(['if-absent', 'if-match'] as const),
    etagIsMd5: true,
    maxKeyBytes: 1024,
  },
  multipart: true,
  copyPart: true,
  copy: true,
  rename: true,
  readPart: false,
  buckets: false,
  setAttributes: true,
  mtime: 1n,
  mode: true,
  metadata: true,
  readsToEnd: true,
}

export const localProfile: Profile = {
  traits: {
    order: 'key',
    hierarchical: true,
    modified: 'native',
    conditions: new Set(['if-absent'] as const),
    etagIsMd5: false,
    maxKeyBytes: 4096,
  },
  multipart: true,
  copyPart: false,
  copy: true,
  rename: true,
  readPart: true,
  buckets: false,
  setAttributes: true,
  mtime: 1_000n,
  mode: true,
  metadata: false,
  readsToEnd: true,
}
