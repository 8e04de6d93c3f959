// Millions of small objects, which take no memory themselves: what a listing, a sync that finds nothing to do and one
// that only removes cost. `node bench/scale.ts [objects]`; by default ten million.
import { bundledProgram } from '../test/scale/run.ts'

const count = Number(process.argv[2] ?? 10_000_000)
await using program = await bundledProgram()
console.log('| work | objects | CPU s | wall s | objects / CPU s | peak MB |')
console.log('| ---- | ------: | ----: | -----: | --------------: | ------: |')
const works = [
  ['ls -r', 'ls'],
  ['sync, twice', 'sync'],
  ['sync that removes', 'remove'],
] as const
for (const [title, work] of works) {
  const { found, cpu, wall, memory } = await program.run(work, count)
  const passed = found.reduce((sum, one) => sum + one)
  const cells = [title, passed, cpu.toFixed(1), wall.toFixed(1), Math.round(passed / cpu)]
  console.log(`| ${[...cells, memory.toFixed(0)].join(' | ')} |`)
}
