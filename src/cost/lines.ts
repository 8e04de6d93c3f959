// What a dry run says at its end of bytes, requests, price and time.
import type { RequestKind } from '../core/meter.ts'
import type { Cost, Totals } from '../core/totals.ts'
import { countsOf } from './requests.ts'

/** How numbers are written for people. */
export interface Wording {
  readonly bytes: (bytes: number) => string
  readonly count: (count: number) => string
  readonly duration: (milliseconds: number) => string
}

/**
 * `would send 1.20 GiB in 214 requests (200 PUT, 14 LIST), about $0.01, about 3 min 4 s`, and in a second line what the
 * price is made of, where it is made of more than one thing. No line where a run takes nothing.
 * @param milliseconds what the run is expected to take, where that is known
 */
export function estimateLines(
  totals: Totals,
  milliseconds: number | undefined,
  wording: Wording,
): string[] {
  const { cost, prices, unpriced } = totals
  const currency = prices[0]?.currency ?? 'USD'
  const work = workOf(totals, wording)
  if (work === undefined) return []
  const facts = [work]
  if (cost) facts.push(aboutMoney(cost.total, currency))
  else if (unpriced.length > 0) facts.push('prices unknown')
  if (milliseconds !== undefined && milliseconds > 0)
    facts.push(`about ${wording.duration(milliseconds)}`)
  const lines = [facts.join(', ')]
  const detail = cost && detailOf(cost, currency)
  if (detail) lines.push(detail)
  if (cost && unpriced.length > 0) lines.push(`without known prices: ${unpriced.join(', ')}`)
  return lines
}

function workOf({ bytes, requests }: Totals, wording: Wording): string | undefined {
  const asked = requestsText(requests, wording)
  // Where nothing is asked, it is a disk.
  const within = asked === undefined ? '' : ' inside the store'
  const { copied, sent, received, saved } = bytes
  // What is received to compare it is none of what is saved.
  const isOfDownload = sent === 0 && received + saved <= copied
  const whole = (moved: number): string => (saved > 0 ? ` of ${wording.bytes(moved + saved)}` : '')
  const moved = [
    ...(sent > 0 ? [`send ${wording.bytes(sent)}${whole(sent)}`] : []),
    ...(received > 0
      ? [`receive ${wording.bytes(received)}${isOfDownload ? whole(received) : ''}`]
      : []),
    ...(bytes.inside > 0 ? [`copy ${wording.bytes(bytes.inside)}${within}`] : []),
  ]
  if (moved.length === 0) return asked && `would take ${asked}`
  return `would ${moved.join(', ')}${asked === undefined ? '' : ` in ${asked}`}`
}

/** As services name them; those of one price have one name. */
const names: Readonly<Record<RequestKind, string>> = {
  write: 'PUT',
  part: 'PUT',
  copy: 'COPY',
  read: 'GET',
  stat: 'HEAD',
  list: 'LIST',
  remove: 'DELETE',
  control: 'other',
}

function requestsText(requests: Totals['requests'], { count }: Wording): string | undefined {
  const byName = new Map<string, number>()
  let all = 0
  for (const [kind, number] of countsOf(requests)) {
    if (number === 0) continue
    byName.set(names[kind], (byName.get(names[kind]) ?? 0) + number)
    all += number
  }
  if (all === 0) return undefined
  const each = [...byName].toSorted(([, a], [, b]) => b - a)
  const kinds = each.map(([name, number]) => `${count(number)} ${name}`).join(', ')
  return `${count(all)} ${all === 1 ? 'request' : 'requests'} (${kinds})`
}

function detailOf(cost: Cost, currency: string): string | undefined {
  const reasons = [
    ['requests', cost.requests],
    ['transfer', cost.transfer],
    ['retrieval', cost.retrieval],
    ['early deletion', cost.earlyDeletion],
  ] as const
  const shown = reasons.filter(([, price]) => price >= least)
  const parts =
    shown.length > 1 ? shown.map(([reason, price]) => `${reason} ${money(price, currency)}`) : []
  const month = cost.storagePerMonth
  if (Math.abs(month) >= least)
    parts.push(`storage ${month < 0 ? '-' : '+'}${money(Math.abs(month), currency)} a month`)
  return parts.length > 0 ? parts.join(', ') : undefined
}

/** What is written as 0.01. */
const least = 0.005

/** `about $1.20`, `under $0.01` */
export function aboutMoney(amount: number, currency: string): string {
  return `${amount < least ? '' : 'about '}${money(amount, currency)}`
}

/** `$0`, `under $0.01`, `$12,345.60`; other currencies by their code. */
export function money(amount: number, currency: string): string {
  const sign = currency === 'USD' ? '$' : `${currency} `
  if (amount === 0) return `${sign}0`
  if (amount < least) return `under ${sign}0.01`
  return `${sign}${amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',')}`
}
