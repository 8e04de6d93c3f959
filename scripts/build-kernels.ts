// Compiles the kernels in src/kernels/assembly to WebAssembly. For each it writes a module to
// src/kernels/generated that exports the bytes as base64, and the kernel's exported constants as numbers.
// The first line of that module is a digest of what it was made from: while that still fits, nothing is done.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const flags = '-O3 --enable simd --importMemory --noExportMemory --runtime stub --noAssert'.split(
  ' ',
)
const assembly = new URL('../src/kernels/assembly/', import.meta.url)
const generated = new URL('../src/kernels/generated/', import.meta.url)
const compiler = new URL(import.meta.resolve('assemblyscript/package.json'))

await mkdir(generated, { recursive: true })
for (const name of await readdir(assembly)) {
  const source = new URL(name, assembly)
  const target = new URL(name, generated)
  const stamp = `// ${await digest(source, compiler, new URL(import.meta.url))}\n`
  if ((await readIfPresent(target)).startsWith(stamp)) continue
  const wasm = await compile(fileURLToPath(source))
  await replace(target, stamp + moduleOf(wasm))
}

async function digest(...files: URL[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex')
}

async function readIfPresent(file: URL): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}

async function compile(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const { main } = await import('assemblyscript/asc') // a second to load: only when needed
  const output: Uint8Array<ArrayBuffer>[] = []
  const { error } = await main([source, ...flags, '--outFile', 'kernel.wasm'], {
    stderr: process.stderr,
    writeFile: (_name, contents) => void output.push(Buffer.from(contents)),
  })
  const [wasm] = output
  if (error !== null || wasm === undefined) {
    throw new Error(`${source} does not compile`, { cause: error })
  }
  return wasm
}

function moduleOf(wasm: Uint8Array<ArrayBuffer>): string {
  const memory = new WebAssembly.Memory({ initial: 16 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } })
  const constants = Object.entries(exports).flatMap(([name, value]) =>
    value instanceof WebAssembly.Global
      ? [`export const ${name}: number = ${String(value.value)}\n`]
      : [],
  )
  const base64 = Buffer.from(wasm).toString('base64')
  return `export const WASM: string =\n  '${base64}'\n${constants.join('')}`
}

async function replace(target: URL, text: string): Promise<void> {
  const draft = new URL(`${target.href}.${process.pid}`)
  await writeFile(draft, text)
  await rename(draft, target)
}
