// The whole command in this process, on local trees.
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { commandIn, records } from './commands/tools.ts'

let root: string
let hawser: Awaited<ReturnType<typeof commandIn>>['hawser']

beforeEach(async () => {
  const files = { 'tree/a.txt': 'hello', 'tree/sub/b\u001b[31m': 'b' }
  ;({ root, hawser } = await commandIn(files))
})

test('ls is shallow, or not, and escapes names on a terminal only', async () => {
  const shallow = await hawser(['ls', '@/tree'])
  expect(shallow).toMatchObject({ code: 0, err: '' })
  expect(shallow.out).toMatch(
    /^ +5 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}a\.txt\n +- {2}.{19} {2}sub\/\n$/,
  )
  expect((await hawser(['ls', '-r', '@/tree'])).out).toContain('  sub/b\u001b[31m\n')
  const shown = await hawser(['ls', '-r', '@/tree'], { terminal: true })
  expect(shown.out).toContain('  sub/b\\x1b[31m\n')
})

test('ls of one object, of an empty directory, and of nothing', async () => {
  await mkdir(join(root, 'empty'))
  expect((await hawser(['ls', '@/tree/a.txt'])).out).toMatch(/ {2}a\.txt\n$/)
  expect(await hawser(['ls', '@/empty'])).toEqual({ code: 0, out: '', err: '' })
  const missing = await hawser(['ls', '@/nope*'])
  expect(missing).toMatchObject({ code: 4, out: '' })
  expect(missing.err).toBe(
    `hawser: cannot list ${root}: nothing matches nope*\n  Where * ? [ and { are characters of the name itself, add --literal or write a backslash before each.\n`,
  )
})

test('ls --json writes an object for each line, with raw keys', async () => {
  expect(records(await hawser(['ls', '-r', '--json', '@/tree']))).toMatchObject([
    { type: 'entry', key: 'a.txt', kind: 'file', size: 5 },
    { type: 'entry', key: 'sub/b\u001b[31m', size: 1 },
  ])
})

test('stat shows aligned facts, or JSON', async () => {
  const { out } = await hawser(['stat', '@/tree/a.txt'])
  expect(out).toMatch(/^address {6}.*\/tree\/a\.txt\nsize {9}5 B\nmodified {5}\d{4}-/)
  const json: unknown = JSON.parse((await hawser(['stat', '--json', '@/tree/a.txt'])).out)
  expect(json).toMatchObject({ type: 'object', key: 'a.txt', size: 5 })
  expect(await hawser(['stat', '@/tree'])).toMatchObject({ code: 2, out: '' })
  expect(await hawser(['stat', '@/tree/none'])).toMatchObject({ code: 4, out: '' })
})

test.each([
  [[], 'hello'],
  [['--range', '1-2'], 'el'],
  [['--range', '3-'], 'lo'],
  [['--range=-2'], 'lo'],
  [['--range', '0-99'], 'hello'],
])('cat %j', async (options, bytes) => {
  expect(await hawser(['cat', ...options, '@/tree/a.txt'])).toEqual({
    code: 0,
    out: bytes,
    err: '',
  })
})

test('cat of several, and of ranges that cannot be', async () => {
  expect((await hawser(['cat', '@/tree/a.txt', '@/tree/a.txt'])).out).toBe('hellohello')
  expect(await hawser(['cat', '--range', '9-', '@/tree/a.txt'])).toMatchObject({ code: 2 })
  const wrong = await hawser(['cat', '--range', '5-2', '@/tree/a.txt'])
  expect(wrong).toMatchObject({ code: 2 })
  expect(wrong.err).toBe('hawser: --range takes bytes such as 0-99, 100- or -100, not "5-2"\n')
})

test('cp from standard input, to standard output, and of a tree', async () => {
  const upload = await hawser(['cp', '-', '@/new.txt'], { input: 'piped' })
  expect(upload).toMatchObject({ code: 0, out: '' })
  expect(upload.err).toMatch(/^copied 1 object \(5 B\) in /)
  expect((await hawser(['cp', '@/new.txt', '-'])).out).toBe('piped')
  expect(await hawser(['-q', 'cp', '-r', '@/tree', '@/copy'])).toEqual({
    code: 0,
    out: '',
    err: '',
  })
  expect(await readFile(join(root, 'copy/a.txt'), 'utf8')).toBe('hello')
  expect(await hawser(['cp', '@/tree', '@/copy2'])).toMatchObject({ code: 2 })
  expect(await hawser(['cp', '-', '@/new.txt', '@/copy/'])).toMatchObject({ code: 2 })
})

test('sync twice, dry, and with a log', async () => {
  const dry = await hawser(['sync', '-n', '@/tree', '@/copy'])
  expect(dry.out).toBe(
    `would copy ${root}/copy/a.txt (5 B)\nwould copy ${root}/copy/sub/b\\x1b[31m (1 B)\n`,
  )
  expect(dry.err).toMatch(/^would copy 2 objects \(6 B\) in /)
  const first = await hawser(['sync', '-v', '--log-file', '@/log', '@/tree', '@/copy'])
  expect(first.err).toContain(`copied ${root}/copy/a.txt (5 B)\n`)
  expect(await readFile(join(root, 'log'), 'utf8')).toMatch(/Z start sync [^]*Z copied 2 objects/)
  const again = await hawser(['sync', '@/tree', '@/copy'], { environment: { HAWSER_JSON: '1' } })
  const events = records(again)
  expect(events[0]).toMatchObject({ type: 'start', version: 1, command: 'sync' })
  expect(events.at(-1)).toMatchObject({ type: 'summary', summary: { copied: 0, unchanged: 2 } })
  expect(again.err).toBe('')
})

test('sync of what is not there is no empty tree', async () => {
  expect(await hawser(['sync', '--delete', '@/nope', '@/tree'])).toMatchObject({ code: 4 })
  expect(await readFile(join(root, 'tree/a.txt'), 'utf8')).toBe('hello')
})

test('what ends a command is told to people, programs and the log', async () => {
  const { code, out, err } = await hawser(['--json', '--log-file', '@/log', 'stat', '@/nope'])
  expect(code).toBe(4)
  expect(JSON.parse(out)).toMatchObject({ type: 'error', code: 'not-found', key: 'nope' })
  expect(err).toContain(`hawser: cannot look up ${root}/nope: `)
  expect(await readFile(join(root, 'log'), 'utf8')).toMatch(/Z error: cannot look up/)
})

test('rm removes a tree only with -r, and then the directory too', async () => {
  expect(await hawser(['rm', '@/tree'])).toMatchObject({ code: 2 })
  expect(await hawser(['rm', '@/tree/a.txt'])).toMatchObject({ code: 0 })
  expect(await hawser(['rm', '@/tree/a.txt'])).toMatchObject({ code: 4 })
  expect(await hawser(['rm', '-r', '@/tree'])).toMatchObject({ code: 0 })
  expect((await hawser(['ls', '@/'])).out).not.toContain('tree')
})

test.each([[[]], [['-r']]])(
  'rm %j of a link to a directory leaves what it points to',
  async (how) => {
    await symlink(join(root, 'tree'), join(root, 'link'))
    const removed = await hawser(['rm', ...how, '@/link'])
    expect(removed).toMatchObject({ code: 0 })
    expect(removed.err).toContain('removed 1 object in')
    expect((await hawser(['ls', '@/'])).out).not.toContain('link')
    expect(await readFile(join(root, 'tree/a.txt'), 'utf8')).toBe('hello')
  },
)

test.each([
  [['frob'], 2, "hawser: unknown command 'frob'"],
  [['ls', '--frob', 'a'], 2, "hawser: unknown option '--frob'"],
  [['ls', '-j', '0', 'a'], 2, 'hawser: --jobs takes'],
  [['ls', 'gs://bucket/a'], 2, 'hawser: gs:// addresses are not supported yet'],
  [['ls', 'foo://bucket/a'], 2, 'hawser: unknown kind of address: foo://'],
  [['ls', 's3://bucket/'], 5, 'hawser: no credentials found'],
  [['--log-file', '@/no/log', 'ls', '@/'], 9, '/no/log cannot be opened: its directory does not'],
  [['cp', '@/nope', '@/to'], 4, '/nope: nothing is there'],
  [['sync', '@/tree/a.txt', '@/to'], 4, '/tree/a.txt: this is a file, not a directory'],
  [['ls', 's3:/bucket'], 2, 'Write s3://bucket/key.'],
])('%j ends with %d', async (argv, code, message) => {
  const { err, ...result } = await hawser(argv)
  expect(result).toEqual({ code, out: '' })
  expect(err).toContain(message)
  expect(err).not.toContain('    at ')
})
