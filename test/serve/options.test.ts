import { expect, test } from 'vitest'
import { Secret } from '../../src/core/secret.ts'
import { checkOptions, type ServeOptions } from '../../src/serve/options.ts'

const memory = { scheme: 'memory', endpoint: undefined, root: '' }
const file = { scheme: 'file', endpoint: undefined, root: '/data' }
const s3 = { scheme: 's3', endpoint: 'https://s3.example.org', root: 'bucket' }
const pair = { accessKeyId: 'key', secretAccessKey: new Secret('secret') }

test('without credentials a pair is made, another one each time', () => {
  const [one, two] = [checkOptions({}, memory), checkOptions({}, memory)].map(
    ({ credentials: [made] }) => made,
  )
  expect(one?.accessKeyId).toMatch(/^HAWSER[0-9A-F]{14}$/)
  expect(one?.secretAccessKey.reveal()).toMatch(/^[\w-]{40}$/)
  expect(one?.accessKeyId).not.toBe(two?.accessKeyId)
  expect(one?.secretAccessKey.reveal()).not.toBe(two?.secretAccessKey.reveal())
  expect(checkOptions({ anonymous: 'read' }, memory).credentials).toEqual([])
  expect(checkOptions({ credentials: [pair] }, memory).credentials).toEqual([pair])
})

test('the ledger is in the directory that is served, in a temporary one, or named', () => {
  expect(checkOptions({}, file).ledger).toBe('/data/.hawser/s3')
  expect(checkOptions({}, memory).ledger).toBeUndefined()
  expect(checkOptions({ ledger: '/x' }, s3).ledger).toBe('/x')
  expect(() => checkOptions({}, s3)).toThrow(
    expect.objectContaining({ code: 'invalid-argument', hint: expect.stringMatching(/ledger/) }),
  )
})

test.each(['0.0.0.0', '::', '192.168.1.1', 'example.org', '1.127.0.0'])(
  'nobody listens on %s for everybody without saying so',
  (host) => {
    expect(() => checkOptions({ host }, memory)).toThrow(
      expect.objectContaining({ code: 'invalid-config', hint: expect.any(String) }),
    )
    expect(checkOptions({ host, credentials: [pair] }, memory).host).toBe(host)
    expect(checkOptions({ host, anonymous: 'read' }, memory).host).toBe(host)
  },
)

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('%s is this machine', (host) => {
  expect(checkOptions({ host }, memory).host).toBe(host)
})

test.each<[string, ServeOptions]>([
  ['a port', { port: 65_536 }],
  ['a port', { port: -1 }],
  ['a port', { port: 1.5 }],
  ['a key', { credentials: [{ ...pair, accessKeyId: 'a/b' }] }],
  ['a key', { credentials: [{ ...pair, accessKeyId: '' }] }],
  ['a secret', { credentials: [{ ...pair, secretAccessKey: new Secret('') }] }],
  ['twice', { credentials: [pair, pair] }],
  ['a domain', { domains: ['a b'] }],
  ['a limit', { limits: { requests: 0 } }],
  ['a limit', { limits: { idleTimeout: Number.NaN } }],
  ['a delay', { restoreDelay: { Bulk: -1 } }],
])('%s that is none: %j', (_what, options) => {
  expect(() => checkOptions(options, memory)).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  )
})
