// The signatures of a store's objects, as a run finds them.
import type { CallOptions, ObjectProperties, Store } from '../core/store.ts'
import type { Signatures, State } from '../state/types.ts'
import { SignatureShelf } from '../transfer/delta/shelf.ts'
import type { RunReport } from './report.ts'

export interface SignaturesOptions extends CallOptions {
  readonly report: RunReport
  readonly known: Signatures | undefined
  readonly threshold: number | undefined
  /** With false, only this machine has them. */
  readonly sidecars?: boolean | undefined
  /** Of what is written beside the objects. */
  readonly encryption?: ObjectProperties['encryption']
}

/** Objects on a disk have none. */
export function signaturesOf(store: Store, options: SignaturesOptions): SignatureShelf {
  const { report, known, threshold, sidecars = true, encryption, signal, meter } = options
  const { hierarchical, reserved } = store.traits
  return new SignatureShelf({
    store,
    known: hierarchical ? undefined : known,
    reserved: hierarchical || !sidecars ? undefined : reserved,
    threshold,
    encryption,
    onWarning: (message) => report.warn(message),
    dryRun: report.dryRun,
    signal,
    meter,
  })
}

/**
 * What this machine keeps, in a state that is opened when it is used first.
 * @param open gives undefined where this machine keeps nothing
 */
export function openedLate(open: () => Promise<State | undefined>): Signatures {
  return {
    get: async (place, key) => (await open())?.signatures.get(place, key),
    put: async (place, key, bytes) => (await open())?.signatures.put(place, key, bytes),
    remove: async (place, key) => (await open())?.signatures.remove(place, key),
  }
}
