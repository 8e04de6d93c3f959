import { expect, test } from 'vitest'
import { ownersToSet, wantedOwners } from '../../../src/stores/local/owners.ts'

const mine = { uid: 1000, gid: 1000 }
const wanted = wantedOwners({ uid: 2000, gid: 3000 })

function asUser(uid: number, groups: number[]): Parameters<typeof ownersToSet>[2] {
  return { geteuid: () => uid, getegid: () => uid, getgroups: () => groups }
}

test('root gives files away, whole or in part', () => {
  const root = asUser(0, [])
  expect(ownersToSet(wanted, mine, root)).toEqual({ uid: 2000, gid: 3000 })
  expect(ownersToSet(wantedOwners({ gid: 3000 }), mine, root)).toEqual({ uid: 1000, gid: 3000 })
  expect(ownersToSet(wantedOwners({}), mine, root)).toBeUndefined()
  expect(ownersToSet(wanted, { uid: 2000, gid: 3000 }, root)).toBeUndefined()
})

test('others give their own files to groups that they are in, and nothing else', () => {
  expect(ownersToSet(wanted, mine, asUser(1000, []))).toBeUndefined()
  expect(ownersToSet(wanted, mine, asUser(1000, [3000]))).toEqual({ uid: 1000, gid: 3000 })
  expect(ownersToSet(wanted, { uid: 5, gid: 5 }, asUser(1000, [3000]))).toBeUndefined()
})

test('nobody does where there are no owners', () => {
  expect(ownersToSet(wanted, mine, {})).toBeUndefined()
})
