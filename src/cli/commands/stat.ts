// `stat`: what is known of one object.
import { formatAddress } from '../../core/location.ts'
import { type Command, defineCommand } from '../command.ts'
import { oneObject } from '../object.ts'

export const stat: Command = defineCommand({
  arguments: { usage: 'URL', min: 1, max: 1 },
  options: {},
  details: 'Shows size, time, ETag, checksum, attributes, metadata and other properties.',
  examples: [
    ['stat s3://bucket/model.bin', 'the facts of an object'],
    ['stat --json ./model.bin', 'the same of a file, for a program'],
  ],
  async run([address = ''], _options, { open, signal, meter }) {
    const { store, prefix } = await open(address)
    oneObject(store, prefix, 'stat')
    const info = await store.stat(prefix, { owners: true, signal, meter })
    return { kind: 'object', address: formatAddress(store.location, info.key), info }
  },
})
