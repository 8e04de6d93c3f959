import { expect, test } from 'vitest'
import { addressingOf, resolveService } from '../../src/config/s3.ts'

const none = { environment: {}, profile: {} }

test('without anything it is AWS in us-east-1', () => {
  expect(resolveService(none)).toEqual({
    endpoint: 'https://s3.us-east-1.amazonaws.com',
    region: 'us-east-1',
    amazon: true,
  })
  expect(resolveService({ ...none, region: 'cn-north-1' }).endpoint).toBe(
    'https://s3.cn-north-1.amazonaws.com.cn',
  )
})

test('flags come first, then the variables, the special one first, then the profile', () => {
  const environment = {
    AWS_ENDPOINT_URL_S3: 'http://s3.test:1',
    AWS_ENDPOINT_URL: 'http://all.test:2',
    AWS_REGION: 'r-env',
    AWS_DEFAULT_REGION: 'r-default',
  }
  const profile = { endpoint: 'http://profile.test:3', region: 'r-profile' }
  const order = [
    { endpoint: 'https://flag.test/', region: 'r-flag', environment, profile },
    { environment, profile },
    {
      environment: { AWS_ENDPOINT_URL: 'http://all.test:2', AWS_DEFAULT_REGION: 'r-default' },
      profile,
    },
    { environment: {}, profile },
    { environment: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, profile },
  ].map(resolveService)
  expect(order.map(({ endpoint, region }) => [endpoint, region])).toEqual([
    ['https://flag.test', 'r-flag'],
    ['http://s3.test:1', 'r-env'],
    ['http://all.test:2', 'r-default'],
    ['http://profile.test:3', 'r-profile'],
    ['https://s3.r-profile.amazonaws.com', 'r-profile'],
  ])
})

test.each([
  '127.0.0.1:9000',
  'host',
  'ftp://host',
  'http://host/path',
  'http://host?x',
  'http://user:hunter2@host',
])('%s is no endpoint, and is not repeated', (endpoint) => {
  expect(() => resolveService({ ...none, endpoint })).toThrow(
    expect.objectContaining({
      code: 'invalid-argument',
      message: '--endpoint takes an address such as https://host or http://127.0.0.1:9000',
    }),
  )
})

test('a region that could change the host is refused', () => {
  expect(() => resolveService({ ...none, region: 'x.evil.test/' })).toThrow('--region takes')
})

test.each([
  ['https://s3.eu-west-1.amazonaws.com', 'bucket', 'virtual-host'],
  ['https://s3.eu-west-1.amazonaws.com', 'my.bucket', 'path'],
  ['https://s3.eu-west-1.amazonaws.com', 'My_Bucket', 'path'],
  ['https://s3.eu-west-1.amazonaws.com', '', 'path'],
  ['http://127.0.0.1:9000', 'bucket', 'path'],
  ['https://minio.example', 'bucket', 'path'],
])('%s with %j uses %s', (endpoint, bucket, addressing) => {
  expect(addressingOf(resolveService({ ...none, endpoint }), bucket)).toBe(addressing)
})
