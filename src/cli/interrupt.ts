// Ctrl-C: the first one stops the work in good order, the second one ends the process at once.
import { exitCodes } from '../core/exit-codes.ts'
import { HawserError } from '../core/errors.ts'

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Listens until disposed; `told` is called at the first signal. */
export function interruptible(told: () => void): Interrupt {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort(new HawserError('interrupted', 'interrupted', { op: 'run' }))
    told()
  }
  for (const signal of signals) process.on(signal, stop)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, stop)
    },
  }
}
