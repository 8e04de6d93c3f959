// Works on items side by side, and gives the results in the items' order.

/** @param atOnce how many are worked on ahead of the one that is given */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = []
  const start = (item: T): void => {
    const result = work(item)
    // It is seen where it is awaited, unless the consumer has left by then.
    result.catch(() => {})
    ahead.push(result)
  }
  for await (const item of items) {
    start(item)
    const first = ahead.length < atOnce ? undefined : ahead.shift()
    if (first) yield await first
  }
  for (const result of ahead) yield await result
}
