// What the state remembers of two objects that a run made or found equal.
import { toKey } from '../core/key.ts'
import type { Entry } from '../core/store.ts'
import type { Known, PairRow } from '../state/types.ts'
import { knownOf } from './decide.ts'
import type { Session } from './session.ts'

/** Only after the store confirmed. */
export async function record(
  session: Session,
  name: string,
  source: Known,
  target: Entry,
  crc64nvme: bigint | undefined,
): Promise<void> {
  const known = knownOf(target)
  const native = session.to.store.traits.modified === 'native'
  const row: PairRow = {
    key: toKey(name),
    source: lasting(source, session.started),
    // The answer to an upload does not tell the time that the listing will show.
    target: native ? known : { ...known, modified: 0n },
    crc64nvme,
    attributes: session.rules.attributes,
  }
  await session.options.state.pairs.put(session.pair, row)
}

const second = 1_000_000_000n

/**
 * Where a file system counts in seconds, or in two as FAT does, a file that was changed just before it was read may
 * change once more and show the same times: without its ctime, the next run compares its contents.
 */
function lasting(source: Known, started: Date): Known {
  const { ctime } = source
  if (ctime === undefined || ctime % second !== 0n) return source
  const began = BigInt(started.getTime()) * 1_000_000n
  return ctime > began - 2n * second ? { ...source, ctime: undefined } : source
}
