// What a test lets another process do: `node child.ts JOB DIRECTORY`. It tells in JSON lines.
import { isHawserError } from '../../../src/core/errors.ts'
import { emptyKey, toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'

const [job, directory = ''] = process.argv.slice(2)
const store = localStore(directory)

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
function tellError(error: unknown): void {
  tell(isHawserError(error) ? { error: error.code, key: error.key } : { bug: String(error) })
}

/** A user whom permissions bind. */
function becomeNobody(): void {
  if (process.getuid?.() !== 0) return
  process.setgid?.(65_534)
  process.setuid?.(65_534)
}

const jobs: Record<string, () => Promise<void>> = {
  async list() {
    becomeNobody()
    for await (const entry of store.list(emptyKey, { onProblem: tellError })) tell(entry.key)
    await store.read(toKey('secret')).catch(tellError)
    await store.write(toKey('shut/new'), Buffer.from('x')).catch(tellError)
    for await (const { error } of store.remove(
      (async function* () {
        yield { key: toKey('shut/file') }
      })(),
    ))
      tellError(error)
  },

  /** Gives attributes to what nobody may read. */
  async hidden() {
    becomeNobody()
    const mtime = 1_000_000_000n
    for (const name of ['shut/', 'secret', 'others/'])
      await store.setAttributes?.(toKey(name), { mtime }).catch(tellError)
    await store.setAttributes?.(toKey('open/'), { mtime, mode: 0o40751 })
  },

  /** More than the file system holds. */
  async fill() {
    await store.write(toKey('kept'), Buffer.from('old'))
    await store.write(toKey('kept'), new Uint8Array(4 * 2 ** 20)).catch(tellError)
    const upload = await store.multipart?.begin(toKey('parts'))
    if (!upload) throw new Error('no multipart')
    const slot = { number: 1, offset: 0 }
    await store.multipart?.part(upload, slot, new Uint8Array(4 * 2 ** 20)).catch(tellError)
    await store.multipart?.abort(upload)
    for await (const entry of store.list(emptyKey)) tell([entry.key, entry.size])
    await store.write(toKey('again'), new Uint8Array(400_000))
    tell('again')
  },

  /** Writes and never ends; to be killed. */
  async hang() {
    const upload = await store.multipart?.begin(toKey('dir/parts'))
    if (!upload) throw new Error('no multipart')
    await store.multipart?.part(upload, { number: 2, offset: 100 }, Buffer.alloc(50, 'b'))
    await store.multipart?.part(upload, { number: 1, offset: 0 }, Buffer.alloc(100, 'a'))
    await store.write(toKey('dir/object'), {
      size: 1_000_000,
      async *open() {
        yield Buffer.alloc(10_000, 'x')
        yield Buffer.alloc(10_000, 'y')
        tell(upload)
        await new Promise((resolve) => setTimeout(resolve, 60_000))
      },
    })
  },
}

await jobs[job ?? '']?.()
