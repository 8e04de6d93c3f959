// Writes pairs and parts for ever, and tells its parent how many are confirmed.
// No `await using`: Node 22 runs this file as it is.
import { toKey } from '../../../src/core/key.ts'
import { openState } from '../../../src/state/state.ts'

const [directory = '', name = ''] = process.argv.slice(2)
const { pairs, journal } = await openState(directory)
const key = toKey('big')
const upload = { key, id: 'upload' }
const source = { id: 'here', key, etag: undefined, size: 2 ** 40 }
await journal.begin({
  target: name,
  key,
  upload,
  source,
  partSize: 8,
  started: new Date(0),
  parts: [],
})
for (let number = 1; ; number++) {
  const object = { size: number, modified: 1n, etag: undefined }
  for (let i = 0; i < 10; i++) {
    await pairs.put(
      { source: name, target: '' },
      { key: toKey(`${number}/${i}`), source: object, target: object, crc64nvme: undefined },
    )
  }
  await journal.part(name, key, { number, size: 8, etag: undefined, crc64nvme: undefined })
  await pairs.flush()
  process.send?.(number)
}
