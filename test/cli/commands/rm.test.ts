import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { archive } from '../../sync/archive.ts'
import { commandIn } from './tools.ts'

const golden = join(import.meta.dirname, '../../golden/prices-v1.json')

test('a dry run reckons with the prices that are given, also by the environment', async () => {
  const of = await archive()
  await of.put(undefined, 'old/1', 'old/2')
  const known: object = JSON.parse(readFileSync(golden, 'utf8'))
  const requests = { list: 2000, remove: 30_000, control: 0 }
  const prices = JSON.stringify({ ...known, endpoints: [], requests })
  const { root, hawser } = await commandIn({ prices })
  const environment = {
    AWS_ACCESS_KEY_ID: of.accessKeyId,
    AWS_SECRET_ACCESS_KEY: of.secretAccessKey,
    AWS_REGION: 'us-east-1',
    HAWSER_ENDPOINT: of.url,
  }
  const rm = ['rm', '-r', '-n']
  const unknown = await hawser([...rm, 's3://bucket/old/'], { environment })
  expect(unknown.err).toContain(', prices unknown')
  const given = await hawser([...rm, '--prices', '@/prices', 's3://bucket/old/'], { environment })
  expect(given).toMatchObject({
    code: 0,
    err: expect.stringMatching(/1 DELETE.*, about \$3\d\.00/),
  })
  const HAWSER_PRICES = join(root, 'prices')
  const said = await hawser([...rm, 's3://bucket/old/'], {
    environment: { ...environment, HAWSER_PRICES },
  })
  expect(said.err).toBe(given.err)
})
