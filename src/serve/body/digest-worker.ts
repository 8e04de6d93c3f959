// A thread that computes the digests of bodies, whose bytes it reads where they lie: in memory that is shared.
import { parentPort, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { DigestQueue } from './digest-queue.ts'
import type { Request } from './digest-thread.ts'

/** Milliseconds for which bytes may wait for those of other bodies, which may never come. */
const patience = 5

if (parentPort) serve(parentPort)

function serve(port: MessagePort): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  const queue = new DigestQueue((reply) => port.postMessage(reply))
  let timer: NodeJS.Timeout | undefined

  const work = (patient: boolean): void => {
    clearTimeout(timer)
    while (patient ? queue.isRipe : queue.isWaiting) {
      queue.advance()
      takeAll(port, queue)
    }
    if (queue.isWaiting) timer = setTimeout(work, patience, false)
  }

  port.on('message', (request: Request) => {
    queue.take(request)
    takeAll(port, queue)
    work(true)
  })
}

/** What has come already. */
function takeAll(port: MessagePort, queue: DigestQueue): void {
  for (;;) {
    const received: { readonly message: Request } | undefined = receiveMessageOnPort(port)
    if (!received) return
    queue.take(received.message)
  }
}
