import { expect, test } from 'vitest'
import { Names } from '../../../src/stores/local/names.ts'

const names = new Names(
  [
    '# a comment:x:5:',
    'root:x:0:0:root:/root:/bin/bash',
    'toor:x:0:0::/root:/bin/sh',
    'ann:x:1000:1000::/home/ann:/bin/sh',
    'ann:x:1001:1001::/home/other:/bin/sh',
    '7:x:70:70::/:/bin/false',
    '+nis:x:9:',
    'broken:x:-1:',
    'short',
    '',
  ].join('\n'),
)

test('the first of two counts', () => {
  expect(names.nameOf(0)).toBe('root')
  expect(names.idOf('toor')).toBe(0)
  expect(names.idOf('ann')).toBe(1000)
  expect(names.nameOf(1001)).toBe('ann')
})

test('what is no user has no number', () => {
  for (const name of ['# a comment', '+nis', 'broken', 'short', '', '-1', '4294967295'])
    expect(names.idOf(name)).toBeUndefined()
  for (const id of [5, 9, -1, undefined]) expect(names.nameOf(id)).toBeUndefined()
})

test('a number that is nobody\u2019s name stands for itself', () => {
  expect(names.idOf('7')).toBe(70)
  expect(names.idOf('8')).toBe(8)
})
