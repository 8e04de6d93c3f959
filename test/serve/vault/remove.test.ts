// What was removed does not come back.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { find } from '../../../src/serve/vault/read.ts'
import { remove } from '../../../src/serve/vault/remove.ts'
import { put } from '../../../src/serve/vault/write.ts'
import { localStore } from '../../../src/stores/local/store.ts'
import {
  bodyOf,
  bucketOf,
  call,
  contentOf,
  factsOf,
  Killed,
  mortal,
  openContext,
  temporaryDirectory,
} from './tools.ts'

test.each(['off', 'enabled', 'suspended'] as const)(
  'after a removal that was killed, another one, versioning %s',
  async (versioning) => {
    const directory = await temporaryDirectory()
    const context = await openContext(localStore(join(directory, 'data')), directory)
    for (const when of ['before', 'after'] as const) {
      for (let at = 1; ; at++) {
        const bucket = bucketOf(versioning, `${when}-${at}`)
        await put(context, bucket, 'key', bodyOf('bytes'), factsOf('text/old'), call)
        const dying = mortal(context, at, when)
        await remove(dying.context, bucket, 'key', undefined, call).catch((error: unknown) =>
          expect(error).toBeInstanceOf(Killed),
        )
        await remove(context, bucket, 'key', undefined, call)
        expect(await contentOf(context, bucket, 'key')).toBeUndefined()
        if (versioning === 'off')
          await expect(find(context, bucket, 'key', undefined, call)).rejects.toThrow('not exist')
        else
          expect((await find(context, bucket, 'key', undefined, call)).version.kind).toBe('marker')
        if (!dying.isDead()) break
      }
    }
  },
)
