import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { toKey } from '../../../src/core/key.ts'
import { localStore } from '../../../src/stores/local/store.ts'

test('setuid and setgid are never taken over, neither by a write nor afterwards', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-attributes-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const store = localStore(directory)
  const key = toKey('program')
  const modeNow = async (): Promise<number> =>
    (await lstat(join(directory, 'program'))).mode & 0o7777
  await store.write(key, Buffer.from('#!'), { attributes: { mode: 0o106755 } })
  expect(await modeNow()).toBe(0o755)
  await store.setAttributes?.(key, { mode: 0o106711 })
  expect(await modeNow()).toBe(0o711)
})
