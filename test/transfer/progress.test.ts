import { expect, test } from 'vitest'
import { RunMeter } from '../../src/core/meter.ts'
import { Progress } from '../../src/transfer/progress.ts'

const mebibyte = 1024 * 1024

function recording(): { readonly told: number[]; readonly progress: Progress } {
  const told: number[] = []
  return { told, progress: new Progress((done) => told.push(done / mebibyte)) }
}

test('parts under way count, in steps of a MiB, and finished ones at once', () => {
  const { told, progress } = recording()
  const outer = new RunMeter()
  const one = progress.meter(1, 8 * mebibyte, outer)
  const two = progress.meter(2, 8 * mebibyte, outer)
  one.sent(mebibyte / 2)
  one.sent(mebibyte / 2)
  two.sent(3 * mebibyte)
  progress.arrived(1, 8 * mebibyte)
  expect(told).toEqual([1, 4, 11])
  expect(outer.totals().sent).toBe(4 * mebibyte)
})

test('what is sent again never counts twice, and never goes back', () => {
  const { told, progress } = recording()
  const meter = progress.meter(1, 4 * mebibyte, undefined)
  for (let i = 0; i < 6; i++) meter.sent(mebibyte)
  expect(told).toEqual([1, 2, 3, 4])
  progress.arrived(1, 4 * mebibyte)
  expect(told).toEqual([1, 2, 3, 4])
})

test('from one service to another the direction that is further counts', () => {
  const { told, progress } = recording()
  const meter = progress.meter(1, 4 * mebibyte, undefined)
  meter.received(4 * mebibyte)
  meter.sent(4 * mebibyte)
  expect(told).toEqual([4])
})

test('small objects are told once', () => {
  const { told, progress } = recording()
  progress.meter(1, 100, undefined).sent(100)
  progress.arrived(1, 100)
  expect(told).toEqual([100 / mebibyte])
})

test('what is held arrives, and is not sent', () => {
  const told: unknown[] = []
  const progress = new Progress((done, more) => told.push({ done, ...more }), 5)
  progress.arrived(1, 3)
  progress.held(2, 5)
  expect(told).toEqual([
    { done: 3, sent: 3, saved: 5 },
    { done: 8, sent: 3, saved: 5 },
  ])
})
