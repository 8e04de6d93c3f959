// Scans one file, for bench/scan.ts: FILE, the average size of chunks, the number of threads.
import { scanFile } from '../src/transfer/scan-file.ts'

const [file = '', average, threads] = process.argv.slice(2)
await scanFile(file, { average: Number(average), threads: Number(threads) })
