// `download`: `cp` from a store to here, under the name that people look for.
import { isHere } from '../../address.ts'
import { type Command, usageError } from '../command.ts'
import { copyCommand } from './cp.ts'

export const download: Command = copyCommand(
  'As cp does, but one way: SRC is in a store, DST here.',
  [
    ['download s3://bucket/models/model.bin .', 'an object'],
    ['download -r s3://bucket/models/ ./models', 'a tree'],
  ],
  (sources, target) => {
    const here = sources.find(isHere)
    if (here !== undefined) throw refused(`${here} is in none`)
    if (!isHere(target)) throw refused(`${target} is not here`)
  },
)

function refused(why: string): Error {
  return usageError(
    `download copies from a store to here: ${why}`,
    'The other way it is hawser upload; any way, hawser cp.',
  )
}
