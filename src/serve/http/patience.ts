// An answer that takes long: white space comes ahead of it, so that neither the client nor anything on the way takes the
// connection for dead. The status is 200 then, and a failure is told in the body, as S3 does.
import { asS3Error } from '../errors.ts'
import { errorXml } from './refusal.ts'
import type { Answer } from './types.ts'

/** The answer itself where it comes in time. @param wait Milliseconds, also between one space and the next */
export async function patiently(
  work: Promise<Answer>,
  resource: string,
  id: string,
  wait: number,
): Promise<Answer> {
  const early = await settledWithin(work, wait)
  if (early) return await work
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: spaced(work, resource, id, wait),
  }
}

async function* spaced(
  work: Promise<Answer>,
  resource: string,
  id: string,
  wait: number,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n')
  while (!(await settledWithin(work, wait))) yield Buffer.from(' ')
  let xml: string
  try {
    const { body } = await work
    xml = typeof body === 'string' ? body : ''
  } catch (error) {
    xml = errorXml(asS3Error(error), resource, id)
  }
  yield Buffer.from(xml.replace(/^<\?xml[^>]*\?>\s*/, ''))
}

async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false)
  })
  try {
    return await Promise.race([settled(work), late])
  } finally {
    clearTimeout(timer)
  }
}

async function settled(work: Promise<unknown>): Promise<true> {
  await Promise.allSettled([work])
  return true
}
