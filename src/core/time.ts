// Times as text: RFC 3339 in UTC, to the nanosecond.

const second = 1_000_000_000n

/** With as many decimals as there are, up to nine: no precision is lost. */
export function isoTime(nanoseconds: bigint): string {
  const fraction = ((nanoseconds % second) + second) % second
  const seconds = (nanoseconds - fraction) / second
  const decimals = fraction.toString().padStart(9, '0').replace(/0+$/, '')
  const base = new Date(Number(seconds) * 1000).toISOString().slice(0, -5)
  return `${base}${decimals ? '.' : ''}${decimals}Z`
}

/** What isoTime wrote; undefined for anything else. */
export function parseIsoTime(text: string): bigint | undefined {
  const match =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|[+-]\d{6}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(
      text,
    )
  const milliseconds = Date.parse(`${match?.[1]}Z`)
  if (Number.isNaN(milliseconds)) return undefined
  const time = BigInt(milliseconds) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(9, '0'))
  return isoTime(time) === text ? time : undefined
}
