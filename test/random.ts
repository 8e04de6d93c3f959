// Random cases: other ones with each commit, and the same ones each time that a commit is tested.
import { configureGlobal } from 'fast-check'
import { inject } from 'vitest'

configureGlobal({ seed: inject('seed') })
