// `upload`: `cp` from here to a store, under the name that people look for.
import { isHere } from '../../address.ts'
import { type Command, usageError } from '../command.ts'
import { copyCommand } from './cp.ts'

export const upload: Command = copyCommand(
  'As cp does, but one way: SRC is here, DST in a store.',
  [
    ['upload model.bin s3://bucket/models/', 'a file'],
    ['upload -r -c ./site s3://new-bucket/site', 'a tree, to a bucket that is made for it'],
  ],
  (sources, target) => {
    const elsewhere = sources.find((source) => !isHere(source))
    if (elsewhere !== undefined) throw refused(`${elsewhere} is not here`)
    if (isHere(target)) throw refused(`${target} is no store`)
  },
)

function refused(why: string): Error {
  return usageError(
    `upload copies from here to a store: ${why}`,
    'The other way it is hawser download; any way, hawser cp.',
  )
}
