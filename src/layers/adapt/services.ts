// The concurrency of each service that a run asks.
import { locationId, type Location } from '../../core/location.ts'
import { Concurrency, type ConcurrencyOptions } from './concurrency.ts'

/** One for each service, by where its stores are. */
export class ServiceConcurrency {
  readonly #options: ConcurrencyOptions
  readonly #services = new Map<string, Concurrency>()

  constructor(options: ConcurrencyOptions) {
    this.#options = options
  }

  of(location: Location): Concurrency {
    const service = locationId({ ...location, root: '' })
    const known = this.#services.get(service) ?? new Concurrency(this.#options)
    this.#services.set(service, known)
    return known
  }
}
