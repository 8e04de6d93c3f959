// How far a run is, as far as its events tell.
import type { FinishingStep, HawserEvent } from '../../core/events.ts'

export interface ActiveTransfer {
  readonly address: string
  readonly size: number
  readonly began: number
  done: number
  /** Of these, bytes that were sent. */
  sent: number
  /** Bytes that the destination was found to have. */
  saved: number
  /** Bytes that were read to find out what to send, while that goes on. */
  scanned: number | undefined
  /** How many there are to be read. */
  toScan: number
  /** What is done with it, where all bytes have arrived. */
  step: FinishingStep | undefined
}

interface Sample {
  readonly time: number
  readonly bytes: number
  readonly sent: number
  readonly scanned: number
}

/** The rate is that of the last ten seconds, measured at most four times a second. */
const rateWindow = 10_000
const sampleEvery = 250
const tellingBytes = 256 * 1024 ** 2

export class Progress {
  readonly active: Map<string, ActiveTransfer> = new Map()
  plannedObjects = 0
  plannedBytes = 0
  planned = false
  objects = 0
  failed = 0
  dryRun = false
  #finishedBytes = 0
  #activeBytes = 0
  #finishedSaved = 0
  #activeSaved = 0
  #finishedSent = 0
  #activeSent = 0
  /** Of all that was ever scanned. */
  #scanned = 0
  #samples: Sample[] = []

  take(event: HawserEvent, now: number): void {
    if (this.#samples.length === 0) this.#samples.push({ time: now, bytes: 0, sent: 0, scanned: 0 })
    switch (event.type) {
      case 'start':
        this.dryRun = event.dryRun
        break
      case 'plan':
        this.plannedObjects = event.objects
        this.plannedBytes = event.bytes
        this.planned = event.complete
        break
      case 'begin':
        if (event.action !== 'remove' && event.action !== 'update')
          this.#begin(event.address, event.size, now)
        break
      case 'progress':
        this.#progress(event)
        break
      case 'done':
        this.#leave(event.address)
        this.objects++
        if (event.action === 'copy' || event.action === 'move') {
          this.#finishedBytes += event.size
          this.#finishedSaved += event.saved
          this.#finishedSent += event.size - event.saved
        }
        break
      case 'error':
        this.failed++
        if (event.error.address !== undefined) this.#leave(event.error.address)
        break
      case 'checked':
        this.#leave(event.address)
        this.objects++
        this.#finishedBytes += event.size
        this.#finishedSent += event.size
        break
      case 'skip':
        this.#leave(event.address)
        break
      case 'request':
      case 'retry':
      case 'slower':
      case 'warn':
      case 'summary':
      case 'check-summary':
      case 'restore-plan':
      case 'restore-summary':
        break
    }
    this.#sample(now)
  }

  get bytes(): number {
    return this.#finishedBytes + this.#activeBytes
  }

  /** Of the bytes, those that were sent, or copied where nothing is sent. */
  get sent(): number {
    return this.#finishedSent + this.#activeSent
  }

  /** Bytes that do not have to be sent. */
  get saved(): number {
    return this.#finishedSaved + this.#activeSaved
  }

  /** How far the objects are read of which it is not known yet what to send; undefined where there are none. */
  get scanning(): { readonly scanned: number; readonly size: number } | undefined {
    let sum: { scanned: number; size: number } | undefined
    for (const { scanned, toScan } of this.active.values())
      if (scanned !== undefined)
        sum = { scanned: (sum?.scanned ?? 0) + scanned, size: (sum?.size ?? 0) + toScan }
    return sum
  }

  /** What is being done where nothing moves any more: the step of all that is active. */
  get step(): FinishingStep | undefined {
    const [first, ...rest] = this.active.values()
    if (first?.step === undefined || rest.some(({ step }) => step === undefined)) return undefined
    return rest.some(({ step }) => step !== first.step) ? 'finishing' : first.step
  }

  /** Of all that was ever scanned, bytes. */
  get scanned(): number {
    return this.#scanned
  }

  /** Bytes that are scanned in each second, lately. */
  scanRate(now: number): number {
    return this.#pace(now, ({ scanned }) => scanned)
  }

  /** Bytes that move in each second, lately. */
  rate(now: number): number {
    return this.#pace(now, ({ sent }) => sent)
  }

  /** Milliseconds until the end, where that can be told. */
  remaining(now: number): number | undefined {
    const rate = this.#pace(now, ({ bytes }) => bytes)
    if (!this.planned || rate <= 0) return undefined
    // Large parts arrive late: what little came before them tells nothing.
    if (this.bytes < Math.min(this.plannedBytes / 100, tellingBytes)) return undefined
    const left = Math.max(0, this.plannedBytes - this.bytes)
    // What is saved comes in no time: of what is under way, what is sent may take longer than all bytes seem to.
    const sending = this.rate(now)
    const seconds = Math.max(left / rate, sending > 0 ? this.#toSend / sending : 0)
    return seconds * 1000
  }

  /** Of what is under way, as far as that is known. */
  get #toSend(): number {
    let sum = 0
    for (const { size, sent, saved, scanned } of this.active.values())
      if (scanned === undefined) sum += Math.max(0, size - saved - sent)
    return sum
  }

  #begin(address: string, size: number, now: number): void {
    this.#leave(address)
    this.active.set(address, {
      address,
      size,
      began: now,
      done: 0,
      sent: 0,
      saved: 0,
      scanned: undefined,
      toScan: size,
      step: undefined,
    })
  }

  #pace(now: number, of: (sample: Omit<Sample, 'time'>) => number): number {
    // What came before it began to move tells nothing of how fast it does.
    const began = this.#samples.findIndex((_, i) => {
      const next = this.#samples[i + 1]
      return next === undefined || of(next) > of(this.#samples[i] ?? next)
    })
    const oldest = this.#samples[began]
    if (oldest === undefined || now - oldest.time < sampleEvery) return 0
    return Math.max(0, ((of(this) - of(oldest)) * 1000) / (now - oldest.time))
  }

  #progress(event: HawserEvent & { type: 'progress' }): void {
    const { address, done, sent = done, saved = 0, scanned, toScan = event.size, step } = event
    const transfer = this.active.get(address)
    if (transfer === undefined) return
    this.#activeBytes += done - transfer.done
    this.#activeSent += sent - transfer.sent
    this.#activeSaved += saved - transfer.saved
    this.#scanned += Math.max(0, (scanned ?? 0) - (transfer.scanned ?? 0))
    Object.assign(transfer, { done, sent, saved, scanned, toScan, step })
  }

  #leave(address: string): void {
    const transfer = this.active.get(address)
    this.#activeBytes -= transfer?.done ?? 0
    this.#activeSent -= transfer?.sent ?? 0
    this.#activeSaved -= transfer?.saved ?? 0
    this.active.delete(address)
  }

  #sample(now: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && now - last.time < sampleEvery) return
    this.#samples.push({
      time: now,
      bytes: this.bytes,
      sent: this.sent,
      scanned: this.#scanned,
    })
    while (this.#samples.length > 2 && now - (this.#samples[0]?.time ?? now) > rateWindow)
      this.#samples.shift()
  }
}
