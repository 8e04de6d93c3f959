// `stat`: what is known of objects.
import { addressOfPlace, type Place } from '../../core/place.ts'
import type { CallOptions } from '../../core/store.ts'
import { type Command, defineCommand, type FoundObject } from '../command.ts'
import { literalOption, openObjects, patternHelp, regexOption } from '../pattern.ts'

export const stat: Command = defineCommand({
  arguments: { usage: 'URL...', min: 1, max: Number.POSITIVE_INFINITY },
  options: { regex: regexOption, literal: literalOption },
  details: `Shows size, time, ETag, checksum, attributes, metadata and other properties. ${patternHelp}`,
  examples: [
    ['stat s3://bucket/model.bin', 'the facts of an object'],
    ["stat 's3://bucket/models/*.bin'", 'those of each object that matches'],
    ['stat --json ./model.bin', 'the same of a file, for a program'],
  ],
  async run(addresses, how, context) {
    const { signal, meter } = context
    const { places } = await openObjects(addresses, how, 'stat', context)
    return { kind: 'objects', objects: factsOf(places, { signal, meter }) }
  },
})

async function* factsOf(
  places: AsyncIterable<Place>,
  call: CallOptions,
): AsyncGenerator<FoundObject> {
  for await (const place of places) {
    const info = await place.store.stat(place.prefix, { ...call, owners: true })
    yield { address: addressOfPlace({ store: place.store, prefix: info.key }), info }
  }
}
