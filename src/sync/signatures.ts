// The signatures of a store's objects, as a run finds them.
import type { CallOptions, Store } from '../core/store.ts'
import type { Signatures } from '../state/types.ts'
import { SignatureShelf } from '../transfer/delta/shelf.ts'
import type { RunReport } from './report.ts'

export interface SignaturesOptions extends CallOptions {
  readonly report: RunReport
  readonly known: Signatures | undefined
  readonly threshold: number | undefined
  /** With false, only this machine has them. */
  readonly sidecars?: boolean | undefined
}

/** On a disk none lie beside the objects. */
export function signaturesOf(store: Store, options: SignaturesOptions): SignatureShelf {
  const { report, known, threshold, sidecars = true, signal, meter } = options
  const { hierarchical, reserved } = store.traits
  return new SignatureShelf({
    store,
    known,
    reserved: hierarchical || !sidecars ? undefined : reserved,
    threshold,
    onWarning: (message) => report.warn(message),
    dryRun: report.dryRun,
    signal,
    meter,
  })
}
