import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../../src/core/secret.ts'
import {
  chooseCredentials,
  environmentCredentials,
  sharedConfig,
  type Credentials,
} from '../../../src/stores/s3/credentials.ts'
import { parseIni } from '../../../src/stores/s3/ini.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-credentials-'))
})
afterAll(async () => {
  await rm(root, { recursive: true })
})

let homes = 0
/** A home directory with these files. */
async function homeWith(files: { credentials?: string; config?: string }): Promise<string> {
  const home = join(root, String(++homes))
  await mkdir(join(home, '.aws'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, '.aws', name), text)
  return home
}

const revealed = (credentials: Credentials | undefined) =>
  credentials && [
    credentials.accessKeyId,
    credentials.secretAccessKey.reveal(),
    credentials.sessionToken?.reveal(),
  ]

const parse = (text: string) =>
  Object.fromEntries(
    parseIni(text)
      .entries()
      .map(([name, settings]) => [name, Object.fromEntries(settings)]),
  )

describe('parseIni', () => {
  test('reads sections, comments, indents and sub-sections', () => {
    expect(
      parse(
        [
          '\uFEFF# a comment',
          '; another',
          '[default] ; the first',
          'Region=eu-west-1 # here',
          'a = b#c=d;e',
          's3 =',
          '  max_concurrent_requests = 20',
          '  region = not-this',
          '',
          '[ profile x ]\r',
          '  indented = 1\r',
          '  also = 2\r',
          '      goes on',
          '\tempty =',
          '[default]',
          'region = us-east-2',
        ].join('\n'),
      ),
    ).toEqual({
      default: { region: 'us-east-2', a: 'b#c=d;e', s3: '' },
      'profile x': { indented: '1', also: '2', empty: '' },
    })
  })

  test.each([
    ['[default', 1],
    ['[]', 1],
    ['[default]]', 1],
    ['[default] x', 1],
    ['a = b', 1],
    ['# fine\n[default]\nsecret', 3],
    ['[default]\n= secret', 2],
    ['[default]\ns3 =\n  secret', 3],
  ])('refuses %j, naming line %i and nothing of the content', (text, line) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ line, message: expect.not.stringContaining('secret') }),
    )
  })

  test('gives back what was written', () => {
    const name = fc.stringMatching(/^[a-z_]{1,12}$/)
    const value = fc.stringMatching(/^[A-Za-z0-9+/=_.:-]{1,40}$/)
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.dictionary(name, value, { noNullPrototype: true }), {
          noNullPrototype: true,
        }),
        (sections) => {
          let text = ''
          for (const [section, settings] of Object.entries(sections)) {
            text += `[${section}]\n`
            for (const [key, content] of Object.entries(settings)) text += `${key} = ${content}\n`
          }
          expect(parse(text)).toEqual(sections)
        },
      ),
    )
  })
})

describe('sharedConfig', () => {
  const credentials = [
    '[default]',
    'aws_access_key_id = ID1',
    'aws_secret_access_key = one/+=',
    '[two]',
    'aws_access_key_id = ID2',
    'aws_secret_access_key = two',
    'aws_session_token = token',
  ].join('\n')
  const config = [
    '[default]',
    'region = eu-west-1',
    '[profile two]',
    'region = eu-west-2',
    'endpoint_url = https://example.com',
    'aws_access_key_id = other',
    'aws_secret_access_key = other',
    '[profile "three four"]',
    'aws_access_key_id = ID3',
    'aws_secret_access_key = three',
    '[two]',
    'region = not-this: the word profile is missing',
    '[profile sso]',
    'sso_session = corp',
  ].join('\n')

  test.each([
    [undefined, {}, ['ID1', 'one/+=', undefined], 'eu-west-1', undefined],
    ['default', {}, ['ID1', 'one/+=', undefined], 'eu-west-1', undefined],
    ['two', {}, ['ID2', 'two', 'token'], 'eu-west-2', 'https://example.com'],
    [
      undefined,
      { AWS_PROFILE: 'two' },
      ['ID2', 'two', 'token'],
      'eu-west-2',
      'https://example.com',
    ],
    ['three four', { AWS_PROFILE: 'two' }, ['ID3', 'three', undefined], undefined, undefined],
  ])('reads the profile %j with %j', async (profile, environment, expected, region, endpoint) => {
    const home = await homeWith({ credentials, config })
    const shared = await sharedConfig(profile, environment, home)
    expect(revealed(shared.credentials)).toEqual(expected)
    expect(shared.region).toBe(region)
    expect(shared.endpoint).toBe(endpoint)
    expect(inspect(shared, { depth: 9 })).not.toMatch(/one|'two'|token'|three'/)
  })

  test('reads files elsewhere', async () => {
    const home = await homeWith({ credentials: '', config: '' })
    const elsewhere = await homeWith({ credentials, config })
    await writeFile(join(home, 'config'), config)
    const environment = {
      AWS_SHARED_CREDENTIALS_FILE: join(elsewhere, '.aws', 'credentials'),
      AWS_CONFIG_FILE: '~/config',
    }
    expect(await sharedConfig('two', environment, home)).toMatchObject({ region: 'eu-west-2' })
    const homeless = await sharedConfig(
      undefined,
      { ...environment, AWS_CONFIG_FILE: '' },
      undefined,
    )
    expect(homeless.credentials?.accessKeyId).toBe('ID1')
  })

  test('finds nothing where there is nothing', async () => {
    const home = await homeWith({})
    expect(await sharedConfig(undefined, {}, home)).toEqual({})
    expect(await sharedConfig(undefined, {}, undefined)).toEqual({})
    await expect(sharedConfig('nobody', {}, home)).rejects.toMatchObject({
      code: 'invalid-config',
      message: 'there is no profile "nobody"',
      hint: expect.stringContaining(join(home, '.aws', 'config')),
    })
  })

  test('names file and line of what is malformed, and no content', async () => {
    const home = await homeWith({ credentials: '[default]\naws_secret_access_key wJalrXUtn' })
    const error: unknown = await sharedConfig(undefined, {}, home).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining(`${join(home, '.aws', 'credentials')}:2: `),
    })
    expect(inspect(error, { depth: 9 })).not.toContain('wJalr')
  })

  test.each([
    ['aws_access_key_id = ID', 'but not aws_secret_access_key'],
    ['aws_secret_access_key = wJalrXUtn', 'but not aws_access_key_id'],
    ['aws_access_key_id = a b\naws_secret_access_key = wJalrXUtn', 'is not an access key'],
    ['aws_access_key_id = a\naws_secret_access_key = b\naws_session_token = wJalr Utn', 'token'],
  ])('refuses keys that cannot be right: %j', async (lines, message) => {
    const home = await homeWith({ credentials: `[default]\n${lines}` })
    const error: unknown = await sharedConfig(undefined, {}, home).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining(message),
    })
    expect(inspect(error, { depth: 9 })).not.toContain('wJalr')
  })

  test('says which file cannot be read', async () => {
    const home = await homeWith({})
    const environment = { AWS_CONFIG_FILE: join(home, '.aws') }
    await expect(sharedConfig(undefined, environment, home)).rejects.toMatchObject({
      code: 'local-io',
      message: expect.stringContaining(join(home, '.aws')),
    })
  })

  test('stops when aborted', async () => {
    const home = await homeWith({ credentials, config })
    await expect(sharedConfig(undefined, {}, home, AbortSignal.abort())).rejects.toMatchObject({
      code: 'interrupted',
    })
  })

  test('knows a profile whose credentials come in another way', async () => {
    const home = await homeWith({ config })
    const shared = await sharedConfig('sso', {}, home)
    expect(shared).toEqual({ unsupported: 'sso_session' })
    expect(() => chooseCredentials({ profile: 'sso', environment: {}, shared })).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: 'credentials by sso_session are not supported',
      }),
    )
  })
})

const keys = (id: string): Credentials => ({
  accessKeyId: id,
  secretAccessKey: new Secret('secret'),
})

describe('chooseCredentials', () => {
  const environment = { AWS_ACCESS_KEY_ID: 'environment', AWS_SECRET_ACCESS_KEY: 's' }
  const shared = { credentials: keys('shared') }

  test.each([
    ['explicit', { explicit: keys('explicit'), profile: 'p', environment, shared }],
    ['environment', { environment, shared }],
    ['shared', { profile: 'p', environment, shared }],
    ['shared', { environment: {}, shared }],
  ])('takes the %s ones', (expected, sources) => {
    expect(chooseCredentials(sources).accessKeyId).toBe(expected)
  })

  test('does not fall back from a profile that was asked for', () => {
    expect(() => chooseCredentials({ profile: 'p', environment, shared: {} })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
  })

  test('says what to do when there are none', () => {
    expect(() => chooseCredentials({ environment: {}, shared: {} })).toThrow(
      expect.objectContaining({
        code: 'unauthenticated',
        hint: expect.stringContaining('--no-sign-request'),
      }),
    )
  })

  test('reads the environment, empty meaning absent', () => {
    expect(revealed(environmentCredentials({ ...environment, AWS_SESSION_TOKEN: 't' }))).toEqual([
      'environment',
      's',
      't',
    ])
    expect(
      environmentCredentials({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }),
    ).toBeUndefined()
    expect(() => environmentCredentials({ AWS_ACCESS_KEY_ID: 'x' })).toThrow(
      expect.objectContaining({
        code: 'invalid-config',
        message: 'the environment has AWS_ACCESS_KEY_ID but not AWS_SECRET_ACCESS_KEY',
      }),
    )
  })
})
