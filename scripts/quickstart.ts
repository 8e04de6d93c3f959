// The main job on a sample, as a new user would run it: a tree goes to a store and back, and a second run sends nothing.
// Uses the built command; leaves nothing behind.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const hawser = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'hawser')
const folder = mkdtempSync(join(tmpdir(), 'hawser-quickstart-'))

try {
  makeSample(join(folder, 'models'))
  run(
    'Send a tree of 200 files and one of 64 MiB to a store (here: another directory).',
    'sync',
    'models',
    'store',
  )
  run('Once more: nothing has changed, nothing is sent.', 'sync', 'models', 'store')
  writeFileSync(join(folder, 'models', 'notes.txt'), 'one more file\n')
  run('Add a file: only that is sent.', 'sync', 'models', 'store')
  run('And back.', 'sync', 'store', 'back')
  run('What is there:', 'ls', '--human', 'back')
  if (digestOf(join(folder, 'models')) !== digestOf(join(folder, 'back')))
    throw new Error('the tree that came back is not the one that was sent')
  console.log('The tree that came back is the one that was sent, byte for byte.')
} finally {
  rmSync(folder, { recursive: true })
}

function run(what: string, ...argv: string[]): void {
  console.log(`# ${what}\n$ hawser ${argv.join(' ')}`)
  const { status } = spawnSync(hawser, [...argv, '--state-dir', join(folder, 'state')], {
    cwd: folder,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`hawser ${argv.join(' ')} ended with exit code ${status}`)
  console.log()
}

function makeSample(root: string): void {
  for (let i = 0; i < 200; i++) {
    const name = join(root, `layer-${String(i % 8)}`, `weights-${i}.bin`)
    mkdirSync(dirname(name), { recursive: true })
    writeFileSync(name, Buffer.alloc(1000 * (1 + (i % 50)), i))
  }
  writeFileSync(join(root, 'model.bin'), Buffer.alloc(64 * 1024 * 1024, 'hawser'))
}

/** Of all names and contents below a directory. */
function digestOf(root: string): string {
  const digest = createHash('sha256')
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  for (const file of files) digest.update(`${file.slice(root.length)}\0`).update(readFileSync(file))
  return digest.digest('hex')
}
