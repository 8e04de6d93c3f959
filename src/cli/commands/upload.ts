// `upload`: `cp` under the name that people look for.
import type { Command } from '../command.ts'
import { copyCommand } from './cp.ts'

export const upload: Command = copyCommand(
  'Copies files and trees to a store, as cp does: SRC is here, DST there.',
  [
    ['upload model.bin s3://bucket/models/', 'a file'],
    ['upload -r -c ./site s3://new-bucket/site', 'a tree, to a bucket that is made for it'],
  ],
)
