// What one part of a run is expected to take, and what it took.
import { Estimate } from '../cost/estimate.ts'
import type { SideName } from '../cost/side.ts'
import { type Meter, RunMeter } from '../core/meter.ts'
import type { Store } from '../core/store.ts'
import type { Totals } from '../core/totals.ts'
import type { TransferOptions } from './options.ts'

export class Costs {
  /** Told of everything that is to be done, when that is decided. */
  readonly planned: Estimate
  /** Told of what was done. */
  readonly done: Estimate
  /** Counts what this part asks for, and passes it on to the run's. */
  readonly meter: Meter
  readonly #own = new RunMeter()

  constructor(
    source: Store,
    target: Store,
    { partSize, prices }: Pick<TransferOptions, 'partSize' | 'prices'>,
    whole: Meter,
    largestBuffer: number,
  ) {
    const options = { source, target, partSize, largestBuffer, prices }
    this.planned = new Estimate(options)
    this.done = new Estimate(options)
    const own = this.#own
    this.meter = {
      request(kind) {
        own.request(kind)
        whole.request(kind)
      },
      sent(bytes) {
        own.sent(bytes)
        whole.sent(bytes)
      },
      received(bytes) {
        own.received(bytes)
        whole.received(bytes)
      },
    }
  }

  /** For what is asked to find out what there is to do: a dry run asks it too. */
  asking(side: SideName): Meter {
    return this.planned.asking(side, this.meter)
  }

  get predicted(): Totals {
    return this.planned.totals()
  }

  get actual(): Totals {
    return this.done.metered(this.#own.totals(), this.planned)
  }
}
