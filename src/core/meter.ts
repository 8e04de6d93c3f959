// Counts requests by kind and bytes on the wire: what the report shows and what the dry run prices.

export type RequestKind = (typeof requestKinds)[number]
export const requestKinds = [
  'list',
  'read',
  'stat',
  'write',
  'part',
  'copy',
  'remove',
  'control',
] as const

export interface Meter {
  /** One request went out (a retry is another one). */
  request(kind: RequestKind): void
  /** Bytes of bodies, not of heads. */
  sent(bytes: number): void
  received(bytes: number): void
}

export type RequestCounts = Readonly<Partial<Record<RequestKind, number>>>

export interface MeterTotals {
  readonly requests: RequestCounts
  readonly sent: number
  readonly received: number
}

export class RunMeter implements Meter {
  readonly #requests: Partial<Record<RequestKind, number>> = {}
  #sent = 0
  #received = 0

  request(kind: RequestKind): void {
    this.#requests[kind] = (this.#requests[kind] ?? 0) + 1
  }
  sent(bytes: number): void {
    this.#sent += bytes
  }
  received(bytes: number): void {
    this.#received += bytes
  }
  totals(): MeterTotals {
    return { requests: { ...this.#requests }, sent: this.#sent, received: this.#received }
  }
}
