// The digests of large bodies, as `hawser serve s3` computes them: CPU time (of all threads) and elapsed time, by the
// number of bodies at once. Run it with `node bench/digests.ts`.
import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { beginDigests } from '../src/serve/body/digest-thread.ts'

const GIB = 1024 ** 3
const PIECE = 512 * 1024
/** Of a body, 64 MiB. */
const PIECES = 128

const buffers = Array.from({ length: 32 }, (_none, index) =>
  new Uint8Array(new SharedArrayBuffer(PIECE)).fill(index),
)
let used = 0

/** @param every Milliseconds from one piece to the next on average, where the body comes over a network */
async function body(every: number): Promise<void> {
  const digests = beginDigests([])
  const pending: Promise<unknown>[] = []
  let next = performance.now()
  for (let piece = 0; piece < PIECES; piece++) {
    const buffer = buffers[used++ % buffers.length]
    if (buffer) pending.push(digests.update(buffer))
    if (pending.length === 3) await pending.shift()
    next += every * 2 * Math.random()
    const early = next - performance.now()
    if (early > 1) await pause(early)
  }
  await digests.digest()
}

async function measure(bodies: number, every: number): Promise<string> {
  const start = performance.now()
  const before = process.cpuUsage()
  const rounds = Math.max(2, Math.ceil(16 / bodies))
  await Promise.all(
    Array.from({ length: bodies }, async () => {
      for (let round = 0; round < rounds; round++) await body(every)
    }),
  )
  const { user, system } = process.cpuUsage(before)
  const bytes = bodies * rounds * PIECES * PIECE
  const cpu = (user + system) / 1e6 / (bytes / GIB)
  const rate = bytes / GIB / ((performance.now() - start) / 1000)
  return `${cpu.toFixed(2).padStart(6)} CPU s/GiB ${rate.toFixed(2).padStart(6)} GiB/s`
}

process.stdout.write(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}\n`)
await measure(8, 0)
for (const every of [0, 2, 4]) {
  process.stdout.write(every === 0 ? 'as fast as it goes\n' : `a piece every ${every} ms\n`)
  for (const bodies of [1, 2, 4, 8]) {
    process.stdout.write(`${String(bodies).padStart(4)} bodies ${await measure(bodies, every)}\n`)
  }
}
