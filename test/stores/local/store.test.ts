import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conformance } from '../../conformance/suite.ts'
import { localProfile } from '../../conformance/profiles.ts'
import { localStore } from '../../../src/stores/local/store.ts'

conformance('local store', localProfile, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hawser-local-'))
  return {
    store: localStore(directory),
    close: async () => rm(directory, { recursive: true }),
  }
})
