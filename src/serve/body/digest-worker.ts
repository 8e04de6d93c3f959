// A thread that computes the digests of bodies, whose bytes it reads where they lie: in memory that is shared.
import { parentPort } from 'node:worker_threads'
import { BodyHasher } from './digests.ts'
import type { Request, Reply } from './digest-thread.ts'

const bodies = new Map<number, BodyHasher>()

parentPort?.on('message', (request: Request) => {
  const reply = answer(request)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  if (reply !== undefined) parentPort?.postMessage(reply)
})

function answer(request: Request): Reply | undefined {
  const { body } = request
  if (request.do === 'begin') {
    bodies.set(body, new BodyHasher(request.algorithms))
    return undefined
  }
  const hasher = bodies.get(body)
  if (request.do === 'update') {
    hasher?.update(request.bytes)
    return { body, computed: undefined }
  }
  bodies.delete(body)
  return request.do === 'digest' ? { body, computed: hasher?.digest() } : undefined
}
