// The time that versions get: in microseconds, each later than the one before, so that no two of one size look alike.

export interface Clock {
  /** Microseconds since 1970. */
  next(): number
}

/** @param now milliseconds since 1970 */
export function strictClock(now: () => number): Clock {
  let last = 0
  return {
    next() {
      last = Math.max(last + 1, Math.floor(now() * 1000))
      return last
    },
  }
}
