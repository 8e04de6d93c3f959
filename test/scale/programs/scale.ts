// Does one thing with so many small objects, and tells what was found and the most memory that it took: MB.
import { readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { ls } from '../../../src/cli/commands/ls.ts'
import { keepHeapSmall } from '../../../src/cli/heap.ts'
import { printOutcome } from '../../../src/cli/report/outcome.ts'
import { Output } from '../../../src/cli/report/stdout.ts'
import { resolveOptions } from '../../../src/config/option.ts'
import { globalOptions } from '../../../src/config/options.ts'
import { toKey } from '../../../src/core/key.ts'
import { RunMeter } from '../../../src/core/meter.ts'
import type { Place } from '../../../src/core/place.ts'
import { openState } from '../../../src/state/state.ts'
import { sync } from '../../../src/sync/sync.ts'
import { generatorStore } from '../generator-store.ts'

keepHeapSmall()
const [work = '', given = '', directory = ''] = process.argv.slice(2)
const count = Number(given)

const works: Readonly<Record<string, () => Promise<number[]>>> = {
  /** Two equal trees, without a state and with one. */
  async sync() {
    await using state = await openState(directory)
    const [from, to] = [place('from', count), place('to', count)]
    const first = await sync(from, to, { state })
    const second = await sync(from, to, { state })
    return [first.summary.unchanged, second.summary.unchanged]
  },
  /** A destination of which all but one object is too much. */
  async remove() {
    await using state = await openState(directory)
    const [from, to] = [place('from', 1), place('to', count)]
    const { summary } = await sync(from, to, { state, delete: true, maxDelete: count })
    return [summary.unchanged, summary.removed]
  },
  /** The command's own listing, to a reader that counts lines. */
  async ls() {
    let lines = 0
    const stdout = new Writable({
      write(chunk: Buffer, _, done) {
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
        done()
      },
    })
    const options = resolveOptions(globalOptions, {}, {})
    const outcome = await ls.run(
      ['.'],
      { recursive: true },
      {
        environment: {},
        options,
        logDirectory: directory,
        signal: new AbortController().signal,
        onEvent: () => {},
        meter: new RunMeter(),
        open: () => Promise.resolve(place('all', count)),
        state: () => openState(directory),
        stateIfThere: () => openState(directory),
        input: () => process.stdin,
      },
    )
    const output = new Output(stdout)
    await printOutcome(outcome, output, options)
    await output.flush()
    return [lines]
  },
}

function place(name: string, objects: number): Place {
  return { store: generatorStore(name, objects), prefix: toKey('') }
}

const started = performance.now()
const found = await works[work]?.()
const { userCPUTime, systemCPUTime } = process.resourceUsage()
process.stdout.write(
  JSON.stringify({
    found,
    memory: mostMemory(),
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    wall: (performance.now() - started) / 1000,
  }),
)

/** Linux counts the memory of whoever started a process into its maximum, but not into this one. */
function mostMemory(): number {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : ''
  const [, kibibytes = process.resourceUsage().maxRSS] = /^VmHWM:\s*(\d+) kB/m.exec(status) ?? []
  return (Number(kibibytes) * 1024) / 1e6
}
