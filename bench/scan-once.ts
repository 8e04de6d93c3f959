// Scans one file as uploads do, for bench/scan.ts: FILE, the average size of chunks, the number of threads.
import { basename, dirname } from 'node:path'
import { toKey } from '../src/core/key.ts'
import { localStore } from '../src/stores/local/store.ts'
import { BufferPool } from '../src/transfer/buffers.ts'
import { scanSource } from '../src/transfer/delta/scan-source.ts'
import { ScanThreads } from '../src/transfer/delta/scan-threads.ts'

const [file = '', average, threads] = process.argv.slice(2)
const source = localStore(dirname(file))
const info = await source.stat(toKey(basename(file)))
const from = { ...info, location: source.location }
const context = { source, buffers: new BufferPool(2 ** 24, 2 ** 23) }
await scanSource(from, Number(average), context, undefined, new ScanThreads(Number(threads)))
