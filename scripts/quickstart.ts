// The main job on a sample, as a new user would run it: a tree goes to an S3 server and back, and a second run sends
// nothing. The server is Hawser's own, in this process; the command is the built one. Leaves nothing behind.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const checkout = join(dirname(fileURLToPath(import.meta.url)), '..')
// The types of the source, the code of the build.
const index: string = join(checkout, 'dist', 'index.mjs')
const { open, serveS3 }: typeof import('../src/index.ts') = await import(index)

const folder = mkdtempSync(join(tmpdir(), 'hawser-quickstart-'))
const traffic = { requests: 0, received: 0, sent: 0 }
try {
  await using place = await open(join(folder, 'cloud/'))
  await using server = await serveS3(place.store, {
    onRequest({ received, sent }) {
      traffic.requests++
      traffic.received += received
      traffic.sent += sent
    },
  })
  console.log(`# An S3 server, in this process, over a directory: ${server.url}\n`)
  makeSample(join(folder, 'models'))
  await run(server, 'A bucket.', 'mb', 's3://demo')
  await run(
    server,
    'Send a tree of 200 files and one of 64 MiB.',
    'sync',
    'models',
    's3://demo/models',
  )
  await run(
    server,
    'Once more: nothing has changed, nothing is sent.',
    'sync',
    'models',
    's3://demo/models',
  )
  writeFileSync(join(folder, 'models', 'notes.txt'), 'one more file\n')
  await run(server, 'Add a file: only that is sent.', 'sync', 'models', 's3://demo/models')
  await run(server, 'And back.', 'sync', 's3://demo/models', 'back')
  await run(server, 'What is there:', 'ls', '--human', 's3://demo/models/')
  for (const copy of ['back', 'cloud/demo/models'])
    if (digestOf(join(folder, 'models')) !== digestOf(join(folder, copy)))
      throw new Error(`${copy} is not what was sent`)
  console.log(
    'The tree that came back is the one that was sent, and the server keeps it as plain files',
  )
  console.log('under the same names, byte for byte.')
} finally {
  rmSync(folder, { recursive: true })
}

/** Runs the command, and tells what the server saw of it. */
async function run(
  { url, region, credentials: [user] }: Awaited<ReturnType<typeof serveS3>>,
  what: string,
  ...argv: string[]
): Promise<void> {
  console.log(`# ${what}\n$ hawser ${argv.join(' ')}`)
  const before = { ...traffic }
  const child = spawn(
    join(checkout, 'bin', 'hawser'),
    [...argv, '--state-dir', join(folder, 'state')],
    {
      cwd: folder,
      stdio: 'inherit',
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: url,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: user?.accessKeyId,
        AWS_SECRET_ACCESS_KEY: user?.secretAccessKey.reveal(),
      },
    },
  )
  const [status] = await once(child, 'exit')
  if (status !== 0) throw new Error(`hawser ${argv.join(' ')} ended with exit code ${status}`)
  const up = kilobytes(traffic.received - before.received)
  const down = kilobytes(traffic.sent - before.sent)
  console.log(`  (requests: ${traffic.requests - before.requests}, up: ${up}, down: ${down})\n`)
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`
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
