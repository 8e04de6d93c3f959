// Random cases: other ones with each change of source or tests, and the same ones each time that this is tested.
import { configureGlobal } from 'fast-check'
import { inject } from 'vitest'

configureGlobal({ seed: inject('seed') })
