import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { toKey } from '../../src/core/key.ts'
import { RunLimits } from '../../src/sync/limits.ts'

const at = {
  location: { scheme: 'memory', endpoint: undefined, root: 'store' },
  key: toKey('tree/'),
}

test('without limits everything may begin', () => {
  const limits = new RunLimits({})
  expect([0, 1, 1e15, 1e15].map((bytes) => limits.admit(bytes))).toEqual([true, true, true, true])
  expect(limits.refused).toBeUndefined()
  expect(limits.failure(at)).toBeUndefined()
})

test('nothing begins that would exceed the bytes; what is smaller may', () => {
  const limits = new RunLimits({ maxTransfer: 100 })
  expect([60, 50, 40, 1, 0].map((bytes) => limits.admit(bytes))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ])
  expect(limits.refused).toEqual({ objects: 2, bytes: 51, why: new Set(['maxTransfer']) })
})

test('what was not sent is given back', () => {
  const limits = new RunLimits({ maxTransfer: 100 })
  expect(limits.admit(100)).toBe(true)
  expect(limits.admit(1)).toBe(false)
  limits.refund(100)
  expect(limits.admit(70)).toBe(true)
  expect(limits.admit(31)).toBe(false)
  expect(limits.admit(30)).toBe(true)
})

test('nothing begins once the time is up', () => {
  let time = 5000
  const limits = new RunLimits({ maxDuration: 1000, maxTransfer: 10 }, undefined, () => time)
  time = 5999
  expect(limits.admit(4)).toBe(true)
  expect(limits.admit(7)).toBe(false)
  time = 6000
  expect(limits.admit(0)).toBe(false)
  limits.refund(4)
  expect(limits.admit(4)).toBe(false)
  expect(limits.refused).toEqual({
    objects: 3,
    bytes: 11,
    why: new Set(['maxTransfer', 'maxDuration']),
  })
})

test('never more is under way and sent than the limit, and all is counted', () => {
  const sizes = fc.array(fc.nat(50), { maxLength: 40 })
  fc.assert(
    fc.property(fc.nat(300), sizes, (maxTransfer, objects) => {
      const limits = new RunLimits({ maxTransfer })
      let sent = 0
      let left = 0
      for (const bytes of objects) {
        if (!limits.admit(bytes)) left += bytes
        else if (bytes % 3 === 0) limits.refund(bytes)
        else sent += bytes
      }
      expect(sent).toBeLessThanOrEqual(maxTransfer)
      expect(limits.refused?.bytes ?? 0).toBe(left)
    }),
  )
})

test('one failure tells what is left, and what to do', () => {
  const limits = new RunLimits({ maxTransfer: 2000 })
  limits.admit(2000)
  limits.admit(1500)
  limits.admit(1)
  expect(limits.failure(at)).toMatchObject({
    code: 'guard',
    message: 'the most to transfer is reached: 2 objects with 1,501 bytes left',
    hint: 'Run again to go on with the rest.',
    address: 'memory://store/tree/',
  })
  limits.admit(2001)
  expect(limits.failure(at)?.hint).toContain('An object has 2,001 bytes')
  const late = new RunLimits({ maxDuration: 0 })
  late.admit(1)
  expect(late.failure(at)?.message).toBe('the time is up: 1 object with 1 byte left')
})
