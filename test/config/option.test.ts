import { expect, test } from 'vitest'
import { resolveOptions, variableOf } from '../../src/config/option.ts'
import { globalOptions } from '../../src/config/options.ts'

const defaults = resolveOptions(globalOptions, {})

test('without flags and environment the defaults hold', () => {
  expect(defaults).toMatchObject({
    jobs: undefined,
    json: false,
    verbose: 0,
    progress: undefined,
    logFormat: 'text',
  })
})

test('flags come before the environment', () => {
  const environment = { HAWSER_JOBS: '8', HAWSER_PART_SIZE: '16M', HAWSER_JSON: '1' }
  expect(resolveOptions(globalOptions, { jobs: '4' }, environment)).toMatchObject({
    jobs: 4,
    partSize: 16 * 1024 ** 2,
    json: true,
  })
})

test('every option has its variable', () => {
  expect(Object.keys(globalOptions).map(variableOf)).toEqual([
    'HAWSER_PROFILE',
    'HAWSER_ENDPOINT',
    'HAWSER_REGION',
    'HAWSER_NO_SIGN_REQUEST',
    'HAWSER_SSE_C_KEY_FILE',
    'HAWSER_SIDECAR_PREFIX',
    'HAWSER_JOBS',
    'HAWSER_PART_SIZE',
    'HAWSER_RETRIES',
    'HAWSER_TIMEOUT',
    'HAWSER_BWLIMIT',
    'HAWSER_STATE_DIR',
    'HAWSER_JSON',
    'HAWSER_QUIET',
    'HAWSER_VERBOSE',
    'HAWSER_PROGRESS',
    'HAWSER_LOG_FILE',
    'HAWSER_LOG_FORMAT',
    'HAWSER_LOG_DIR',
  ])
})

test('a switch can be denied by the environment, and a flag overrules that', () => {
  expect(resolveOptions(globalOptions, {}, { HAWSER_PROGRESS: '0' }).progress).toBe(false)
  expect(resolveOptions(globalOptions, {}, { HAWSER_NO_PROGRESS: '1' }).progress).toBe(false)
  expect(
    resolveOptions(globalOptions, { progress: true }, { HAWSER_NO_PROGRESS: '1' }),
  ).toMatchObject({ progress: true })
})

test.each([
  [{ jobs: 'many' }, {}, '--jobs takes a whole number from 1 to 1024, not "many"'],
  [{ jobs: '0' }, {}, '--jobs takes a whole number from 1 to 1024'],
  [{ partSize: '4K' }, {}, '--part-size takes a size from 5M to 5G, such as 16M, not "4K"'],
  [{ timeout: '0' }, {}, '--timeout takes a time above zero'],
  [{ bwlimit: 'fast' }, {}, '--bwlimit takes bytes for each second'],
  [{ logFormat: 'xml' }, {}, '--log-format takes text or json, not "xml"'],
  [{}, { HAWSER_RETRIES: '-1' }, 'HAWSER_RETRIES takes a whole number from 0 to 100'],
  [{}, { HAWSER_QUIET: 'maybe' }, 'HAWSER_QUIET takes 1 or 0, not "maybe"'],
])(
  'a wrong value is refused by name: %j %j',
  (given: Record<string, string>, environment, message) => {
    expect(() => resolveOptions(globalOptions, given, environment)).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringContaining(message),
      }),
    )
  },
)
