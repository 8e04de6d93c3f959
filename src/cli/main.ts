#!/usr/bin/env -S UV_THREADPOOL_SIZE=16 MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=8388608 MALLOC_TRIM_THRESHOLD_=268435456 node --max-semi-space-size=4 --heap-growing-percent=30 --no-incremental-marking-task
// The command's entry; the line above is to Node what bin/hawser is in a checkout.
// What most calls do not need is loaded late; what is loaded is compiled once.
import nodeModule from 'node:module'
import { processEnvironment } from '../config/environment.ts'
import { version } from '../config/version.ts'
import { keepHeapSmall } from './heap.ts'

const argv = process.argv.slice(2)
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`hawser ${version}\n`)
} else if (!newEnough(process.versions.node)) {
  process.stderr.write(`hawser: Node.js 22.18 or newer is needed; this is ${process.version}\n`)
  process.exitCode = 2
} else {
  nodeModule.enableCompileCache()
  keepHeapSmall()
  const { run } = await import('./run.ts')
  const { stdin, stdout, stderr } = process
  process.exitCode = await run(argv, { environment: processEnvironment(), stdin, stdout, stderr })
}

/** Said in one sentence before anything is loaded that an older Node cannot read. */
function newEnough(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 18)
}
