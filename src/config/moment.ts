// Points in time as people write them.
import { parseDuration } from './units.ts'

/**
 * Nanoseconds since 1970: a time ago (`7d`, `1h30m`), or a date, with or without a time (`2026-11-21`,
 * `2026-11-21T10:00`, `2026-11-21T10:00:00Z`), local where no zone is named. Undefined for what is neither.
 * @param now milliseconds since 1970
 */
export function parseMoment(text: string, now: number): bigint | undefined {
  const trimmed = text.trim()
  // A bare number would be seconds, or a date without its hyphens.
  const ago = /^\d+$/.test(trimmed) ? undefined : parseDuration(trimmed)
  if (ago !== undefined) return BigInt(now - ago) * 1_000_000n
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(
      trimmed,
    )
  if (!match) return undefined
  const [, date = '', time = '00:00', zone = ''] = match
  const milliseconds = new Date(`${date}T${time}${zone}`).getTime()
  return Number.isNaN(milliseconds) ? undefined : BigInt(milliseconds) * 1_000_000n
}
