import { conformance } from '../../conformance/suite.ts'
import { memoryProfile } from '../../conformance/profiles.ts'
import { memoryStore } from '../../../src/stores/memory/store.ts'

conformance('memory store', memoryProfile, async () => ({ store: memoryStore() }))
