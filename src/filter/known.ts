// Values that are most often there at once: a promise for each of millions of names would be what takes the time.

/** Uses a value now, or when it is there. */
export function whenKnown<T, U>(value: T | Promise<T>, use: (value: T) => U): U | Promise<U> {
  return value instanceof Promise ? value.then(use) : use(value)
}
