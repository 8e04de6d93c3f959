// Holds the lock of a destination until it is killed.
import { openState } from '../../../src/state/state.ts'

const [directory = '', destination = ''] = process.argv.slice(2)
const state = await openState(directory)
await state.lock(destination)
process.send?.('held')
setInterval(() => undefined, 1_000_000)
