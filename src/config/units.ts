// Sizes, rates and durations as people write them. Every function gives undefined for what it cannot read.

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 }

/**
 * Bytes. `K M G T P` and `KiB MiB …` are powers of 1,024, `KB MB …` powers of 1,000; a bare number is bytes.
 * Fractions are rounded to whole bytes.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(ib|b)?$/i.exec(text.trim())
  if (!match) return undefined
  const [, number = '', prefix = '', suffix = ''] = match
  if (prefix === '' && suffix.toLowerCase() === 'ib') return undefined
  const base = prefix !== '' && suffix.toLowerCase() === 'b' ? 1000 : 1024
  const bytes = Math.round(Number(number) * base ** (powers[prefix.toLowerCase()] ?? 0))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Bytes for each second: a size, with or without `/s`. */
export function parseRate(text: string): number | undefined {
  return parseSize(text.trim().replace(/\/s$/i, ''))
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds: `500ms`, `30s`, `5m`, `1h`, `7d`, `2w` and sums such as `1h30m`; a bare number is seconds. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return milliseconds(Number(trimmed) * 1000)
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, number, unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    total += Number(number) * (unitMilliseconds[unit] ?? Number.NaN)
  return milliseconds(total)
}

function milliseconds(value: number): number | undefined {
  const whole = Math.round(value)
  return Number.isSafeInteger(whole) ? whole : undefined
}
