// `download`: `cp` under the name that people look for.
import type { Command } from '../command.ts'
import { copyCommand } from './cp.ts'

export const download: Command = copyCommand(
  'Copies objects and trees from a store, as cp does: SRC is there, DST here.',
  [
    ['download s3://bucket/models/model.bin .', 'an object'],
    ['download -r s3://bucket/models/ ./models', 'a tree'],
  ],
)
