// What a run takes in all: of its two sides, of the parts of a run, and of what was predicted and then counted.
import type { MeterTotals, RequestKind } from '../core/meter.ts'
import type { Cost, PriceLabel, Totals } from '../core/totals.ts'
import type { PriceTable } from './prices.ts'
import { addCounts, countsOf, type RequestCounts, requestsOfRemovals } from './requests.ts'
import type { Sides } from './side.ts'
import { addCosts } from './tally.ts'

export function totalsOf(
  { source, target }: Sides,
  objects: Totals['objects'],
  bytes: Totals['bytes'],
): Totals {
  const labels = new Map<PriceTable, PriceLabel>()
  const unpriced = new Set<string>()
  let requests: RequestCounts = {}
  let cost: Cost | undefined
  for (const { endpoint, facts, tally, removed } of [source, target]) {
    const removals = requestsOfRemovals(removed, facts)
    requests = addCounts(addCounts(requests, tally.requests), removals)
    const { table } = tally
    if (table) {
      const { name, date, currency } = table
      labels.set(table, { name, date, currency })
      cost = addCosts(cost, tally.cost(removals))
    } else if (endpoint !== undefined) unpriced.add(endpoint)
    for (const name of tally.unpriced) unpriced.add(name)
  }
  return {
    objects: { ...objects },
    bytes: { ...bytes },
    requests,
    cost,
    prices: [...labels.values()],
    unpriced: [...unpriced],
  }
}

/**
 * What was done, with the requests and bytes that a meter counted: each request at the mean price of its kind in
 * `planned`, and all that was received as going out. What no meter sees (retrieval, early deletion, storage) is as it was
 * told.
 */
export function meteredTotals(
  told: Totals,
  { requests, sent, received }: MeterTotals,
  { source, target }: Sides,
  planned: Sides,
): Totals {
  const bytes = { ...told.bytes, sent, received }
  if (!told.cost) return { ...told, bytes, requests }
  let price = 0
  for (const [kind, count] of countsOf(requests)) price += (count / 1000) * meanPrice(planned, kind)
  const giver = source.tally.table ? source : target
  const transfer = giver.tally.transferCost(0, received) + target.tally.transferCost(sent, 0)
  const { retrieval, earlyDeletion } = told.cost
  const total = price + transfer + retrieval + earlyDeletion
  return { ...told, bytes, requests, cost: { ...told.cost, requests: price, transfer, total } }
}

/** Of 1,000 requests of a kind; of a kind that was not asked for, that of the default class. */
function meanPrice({ source, target }: Sides, kind: RequestKind): number {
  const tallies = [source.tally, target.tally]
  const count = tallies.reduce((sum, tally) => sum + (tally.requests[kind] ?? 0), 0)
  if (count === 0) return Math.max(...tallies.map((tally) => tally.priceOf(kind)))
  return (tallies.reduce((sum, tally) => sum + tally.requestCost(kind), 0) / count) * 1000
}

/** Of two parts of one run. */
export function addTotals(a: Totals, b: Totals): Totals {
  const labels = new Map([...a.prices, ...b.prices].map((label) => [label.name, label]))
  return {
    objects: {
      copied: a.objects.copied + b.objects.copied,
      updated: a.objects.updated + b.objects.updated,
      removed: a.objects.removed + b.objects.removed,
    },
    bytes: {
      copied: a.bytes.copied + b.bytes.copied,
      sent: a.bytes.sent + b.bytes.sent,
      received: a.bytes.received + b.bytes.received,
      inside: a.bytes.inside + b.bytes.inside,
      saved: a.bytes.saved + b.bytes.saved,
    },
    requests: addCounts(a.requests, b.requests),
    cost: addCosts(a.cost, b.cost),
    prices: [...labels.values()],
    unpriced: [...new Set([...a.unpriced, ...b.unpriced])],
  }
}
