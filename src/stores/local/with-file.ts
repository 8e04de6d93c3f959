// Files lent to who reads them by their number: the file that was looked at, and still is it afterwards.
import { HawserError } from '../../core/errors.ts'
import type { Key } from '../../core/key.ts'
import type { OpenedFile, WithFileOptions } from '../../core/store.ts'
import { requirePresent, type Disk } from './disk.ts'
import { localError } from './errors.ts'
import { checkMatch, openContent } from './read.ts'
import { etagOf } from './stats.ts'

export async function withFile<T>(
  disk: Disk,
  key: Key,
  use: (file: OpenedFile) => Promise<T>,
  { ifMatch, signal }: WithFileOptions = {},
): Promise<T> {
  const target = disk.target('withFile', key, signal)
  const { details } = target
  const content = openContent(target)
  try {
    const { fd, stats } = content
    checkMatch(stats, ifMatch, details)
    if (fd === undefined)
      throw new HawserError('unsupported', 'a link or a directory is no file', details)
    const result = await use({ fd, size: Number(stats.size) })
    checkMatch(requirePresent(target), etagOf(stats), details)
    return result
  } catch (error) {
    throw localError(error, details)
  } finally {
    content.close()
  }
}
