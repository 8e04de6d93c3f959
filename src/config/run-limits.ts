// The options that end a run before all is done.
import { duration, type OptionSpec, size } from './option.ts'

export interface RunLimitOptions {
  /** Bytes. */
  readonly maxTransfer: number | undefined
  /** Milliseconds. */
  readonly maxDuration: number | undefined
}

type Specs = { readonly [K in keyof RunLimitOptions]: OptionSpec<RunLimitOptions[K]> }

export const runLimitOptions: Specs = {
  maxTransfer: size('--max-transfer <size>', 'begin no transfer that would send more in all', {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    accepted: 'a size above zero, such as 10G',
  }),
  maxDuration: duration('--max-duration <time>', 'begin no transfer after this time, such as 2h'),
}
