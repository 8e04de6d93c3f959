import { expect, test } from 'vitest'
import { parseListen, serve } from '../../../src/cli/commands/serve.ts'
import { resolveOptions } from '../../../src/config/option.ts'

test.each([
  ['127.0.0.1:9000', '127.0.0.1', 9000],
  ['0.0.0.0:80', '0.0.0.0', 80],
  ['[::1]:0', '::1', 0],
  ['my-host.example.org:65535', 'my-host.example.org', 65_535],
  [':8080', '127.0.0.1', 8080],
  ['8080', '127.0.0.1', 8080],
])('--listen %s', (text, host, port) => {
  expect(parseListen(text)).toEqual({ host, port })
})

test.each([
  '',
  'localhost',
  ':',
  '1.2.3.4:',
  '1.2.3.4:65536',
  '::1:80',
  '-1',
  '80x',
  'a b:80',
  'http://a:80',
])('--listen %j is refused', (text) => {
  expect(parseListen(text)).toBeUndefined()
})

test('every option can come from the environment, and the command line comes first', () => {
  const environment = {
    HAWSER_LISTEN: '0.0.0.0:80',
    HAWSER_ACCESS_KEY: 'id',
    HAWSER_SECRET_KEY: 'secret',
    HAWSER_ANONYMOUS: 'read',
    HAWSER_READ_ONLY: '1',
    HAWSER_TLS_CERT: 'cert.pem',
    HAWSER_TLS_KEY: 'key.pem',
    HAWSER_LEDGER: '/ledger',
    HAWSER_DOMAIN: 'a.example, b.example',
    HAWSER_DELETE: '1',
  }
  const all = {
    listen: { host: '0.0.0.0', port: 80 },
    accessKey: 'id',
    secretKey: 'secret',
    anonymous: 'read',
    readOnly: true,
    tlsCert: 'cert.pem',
    tlsKey: 'key.pem',
    ledger: '/ledger',
    domain: ['a.example', 'b.example'],
  }
  expect(resolveOptions(serve.options, {}, environment)).toEqual(all)
  expect(resolveOptions(serve.options, { accessKey: 'other' }, environment)).toEqual({
    ...all,
    accessKey: 'other',
  })
  expect(() => resolveOptions(serve.options, {}, { HAWSER_ANONYMOUS: 'write' })).toThrow(
    'HAWSER_ANONYMOUS takes read, not "write"',
  )
})
