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
    source,
    // The answer to an upload does not tell the time that the listing will show.
    target: native ? known : { ...known, modified: 0n },
    crc64nvme,
  }
  await session.options.state.pairs.put(session.pair, row)
}
