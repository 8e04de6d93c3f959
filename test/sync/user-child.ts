// The process that user.ts starts.
import type { HawserEvent } from '../../src/core/events.ts'
import { emptyKey } from '../../src/core/key.ts'
import { openState } from '../../src/state/state.ts'
import { localStore } from '../../src/stores/local/store.ts'
import { sync } from '../../src/sync/sync.ts'
import { ordinary, type Told, type UserSync } from './user.ts'

const job: UserSync = JSON.parse(process.argv[2] ?? '')
if (process.geteuid?.() === 0) {
  process.setgroups?.([])
  process.setgid?.(ordinary)
  process.setuid?.(ordinary)
}
const done: [Told['done'][number][0], string][] = []
const failures: string[] = []
const warnings: string[] = []
const name = (address = ''): string => address.slice(address.indexOf('/dst') + 1)

function onEvent(event: HawserEvent): void {
  if (event.type === 'done') {
    done.push([event.action, name(event.address)])
    if (done.length === job.killAt) process.kill(process.pid, 'SIGKILL')
  } else if (event.type === 'error')
    failures.push(`${event.error.message}: ${name(event.error.address)}`)
  else if (event.type === 'warn') warnings.push(`${event.message}: ${name(event.address)}`)
}

await using state = await openState(job.state)
const place = (path: string) => ({ store: localStore(path), prefix: emptyKey })
const options = { ...job.options, state, onEvent, jobs: 1 }
const { summary } = await sync(place(job.from), place(job.to), options)
const told: Told = { summary, done, failures, warnings }
process.stdout.write(JSON.stringify(told))
