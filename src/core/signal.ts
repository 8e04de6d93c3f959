// What an AbortSignal means at the Store port.
import { HawserError, isHawserError, type ErrorDetails } from './errors.ts'

/** @throws HawserError `interrupted` once the signal has aborted, or the signal's reason where that is a HawserError */
export function checkSignal(signal: AbortSignal | undefined, details: ErrorDetails): void {
  if (signal?.aborted) throw abortError(signal, details)
}

/** The error of an aborted signal. */
export function abortError(signal: AbortSignal, details: ErrorDetails): HawserError {
  const reason: unknown = signal.reason
  if (isHawserError(reason)) return reason
  return new HawserError('interrupted', 'interrupted', { ...details, cause: reason })
}
