// Lets a stream run ahead of its consumer, by a bounded number of items.

export async function* readAhead<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  const queue: T[] = []
  let ended = false
  let failure: { readonly error: unknown } | undefined
  let stopped = false
  let wakeConsumer: () => void = nobody
  let wakeProducer: () => void = nobody

  const producing = (async () => {
    try {
      for await (const item of items) {
        queue.push(item)
        wakeConsumer()
        if (queue.length >= most && !stopped)
          await new Promise<void>((resolve) => (wakeProducer = resolve))
        if (stopped) break
      }
    } catch (error) {
      failure = { error }
    } finally {
      ended = true
      wakeConsumer()
    }
  })()

  try {
    for (;;) {
      const item = queue.shift()
      if (item !== undefined) {
        if (queue.length < most / 2) wakeProducer()
        yield item
      } else if (ended) break
      else await new Promise<void>((resolve) => (wakeConsumer = resolve))
    }
    if (failure) throw failure.error
  } finally {
    stopped = true
    wakeProducer()
    await producing
  }
}

function nobody(): void {}
