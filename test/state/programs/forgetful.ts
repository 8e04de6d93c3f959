// Uses the state and forgets to dispose of it.
import { toKey } from '../../../src/core/key.ts'
import { openState } from '../../../src/state/state.ts'

const state = await openState(process.argv[2] ?? '')
await state.lock('somewhere')
const object = { size: 1, modified: 1n, etag: undefined }
const key = toKey('a')
await state.pairs.put(
  { source: 's', target: 't' },
  { key, source: object, target: object, crc64nvme: undefined },
)
