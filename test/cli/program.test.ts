import { expect, test } from 'vitest'
import { catalog } from '../../src/cli/catalog.ts'
import { type Answer, type Invocation, parseCommandLine } from '../../src/cli/program.ts'
import { globalOptions } from '../../src/config/options.ts'

async function invocation(...argv: string[]): Promise<Invocation> {
  const parsed = await parseCommandLine(argv, 80)
  if ('exitCode' in parsed) throw new Error(parsed.text)
  return parsed
}

async function answer(...argv: string[]): Promise<Answer> {
  const parsed = await parseCommandLine(argv, 80)
  if ('exitCode' in parsed) return parsed
  throw new Error(`ran ${parsed.name}`)
}

test('global options stand before and after the command', async () => {
  const before = await invocation('--json', '-j', '4', '--part-size=16M', 'ls', 'a')
  const after = await invocation('ls', 'a', '--json', '-j4', '--part-size', '16M')
  expect(before.given).toEqual({ json: true, jobs: '4', partSize: '16M' })
  expect(after.given).toEqual(before.given)
  expect(after.operands).toEqual(['a'])
})

test('short options combine, and -v counts wherever it stands', async () => {
  expect((await invocation('-v', 'ls', '-lvr', 'a', '--verbose')).given).toEqual({
    verbose: 3,
    long: true,
    recursive: true,
  })
})

test('the value of an option is not taken for the command', async () => {
  const { name, given } = await invocation('--profile', 'sync', 'ls', 'a')
  expect([name, given]).toEqual(['ls', { profile: 'sync' }])
})

test('aliases, dashes and what follows --', async () => {
  expect((await invocation('list', 'a')).name).toBe('ls')
  expect((await invocation('remove', 'a')).name).toBe('rm')
  const copy = await invocation('copy', '-', '--', '-r', '--json')
  expect([copy.name, copy.operands, copy.given]).toEqual(['cp', ['-', '-r', '--json'], {}])
})

test('switches with a --no- form', async () => {
  expect((await invocation('ls', 'a', '--no-progress')).given).toEqual({ progress: false })
  expect((await invocation('ls', 'a', '-P')).given).toEqual({ progress: true })
  expect((await invocation('--no-sign-request', 'ls', 'a')).given).toEqual({ noSignRequest: true })
})

test.each([
  [['--jsonn', 'ls', 'a'], /unknown option '--jsonn'[^]*--json/],
  [['ls', '--recursiv', 'a'], /unknown option '--recursiv'[^]*--recursive/],
  [['synk', 'a', 'b'], /unknown command 'synk'[^]*sync/],
  [['undo'], /^hawser: unknown command 'undo'\n  See: hawser --help\n$/],
  [['help', 'frob'], /unknown command 'frob'/],
  [['ls', '--jobs'], /'-j, --jobs <n>' argument missing/],
  [['sync', 'a', 'b', '--exclude'], /argument missing\n  See: hawser sync --help\n$/],
  [['sync', '--max-age', '7d', 'a', 'b'], /'--max-age'\n {2}Here it is --newer-than\.\n$/],
  [['cp', '--exclude-from=x', 'a', 'b'], /\n {2}Here it is --filter-from, with '- ' before each/],
  [['ls', '--max-age', '7d', 'a'], /'--max-age'\n {2}See: hawser ls --help\n$/],
  [['ls', '--config', 'x', 'a'], /unknown option '--config'/],
  [[], /Usage: hawser COMMAND/],
])('%j is answered with exit code 2', async (argv, text) => {
  const said = await answer(...argv)
  expect(said.exitCode).toBe(2)
  expect(said.text).toMatch(text)
})

test('the help of every command has its options first', async () => {
  for (const { name } of catalog) {
    const { text } = await answer('help', name)
    expect(text.indexOf('Options:')).toBeGreaterThan(0)
    expect(text.indexOf('Options:')).toBeLessThan(text.indexOf('Connection:'))
    expect(text).toContain('Examples:')
  }
})

test('the help names every command and every global option', async () => {
  const { text, exitCode } = await answer('--help')
  expect(exitCode).toBe(0)
  for (const { name, alias, summary } of catalog) {
    expect(text).toContain(`  ${alias === undefined ? name : `${name}|${alias}`} `)
    expect(text).toContain(summary)
  }
  for (const { flags } of Object.values(globalOptions)) expect(text).toContain(flags)
  expect(text).toContain('--no-progress')
  expect(text.indexOf('Commands:')).toBeLessThan(text.indexOf('Connection:'))
  expect(text).toMatch(/Examples:\n {2}hawser sync/)
})

test.each(catalog.map(({ name }) => name))('help of %s', async (name) => {
  const { text, exitCode } = await answer(name, '--help')
  expect(exitCode).toBe(0)
  const command = await catalog.find((entry) => entry.name === name)?.load()
  expect(text).toContain(command?.arguments.usage)
  for (const spec of Object.values(command?.options ?? {}))
    for (const { flags } of spec.members ?? [spec]) expect(text).toContain(flags)
  for (const heading of ['Connection:', 'Transfer:', 'Output:', 'Examples:'])
    expect(text).toContain(`${heading}\n`)
  expect(text).toContain(`  hawser ${name} `)
  // Wrapped text fits; only a long example may not.
  for (const line of text.split('\n').filter((each) => !each.startsWith('  hawser ')))
    expect(line.length).toBeLessThanOrEqual(90)
})

test.each([
  [['sync', 'a'], 'sync: too few arguments: expected SRC DST'],
  [['ls', 'a', 'b'], 'ls: too many arguments: expected URL'],
])('%j is refused', async (argv, message) => {
  await expect(parseCommandLine(argv, 80)).rejects.toMatchObject({
    code: 'invalid-argument',
    message,
  })
})

test('help is a command too', async () => {
  expect(await answer('help')).toEqual(await answer('--help'))
  expect(await answer('help', 'sync')).toEqual(await answer('sync', '--help'))
})

test('the version', async () => {
  expect((await answer('--version')).text).toMatch(/^hawser \d+\.\d+\.\d+\n$/)
})
