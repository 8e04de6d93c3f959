// Syncs so many objects with as many equal ones, twice, and tells the most memory that it took: kibibytes.
import { toKey } from '../../../src/core/key.ts'
import { openState } from '../../../src/state/state.ts'
import { sync } from '../../../src/sync/sync.ts'
import { generatorStore } from '../generator-store.ts'

const [count = '', directory = ''] = process.argv.slice(2)
const [from, to] = ['from', 'to'].map((name) => ({
  store: generatorStore(name, Number(count)),
  prefix: toKey(''),
}))
if (!from || !to) throw new Error('two places')
await using state = await openState(directory)
const unchanged: number[] = []
for (const _ of ['evidence', 'state']) {
  const { summary } = await sync(from, to, { state })
  unchanged.push(summary.unchanged)
}
process.stdout.write(JSON.stringify({ unchanged, maxRSS: process.resourceUsage().maxRSS }))
