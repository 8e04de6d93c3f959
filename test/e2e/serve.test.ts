// `hawser serve s3`, as a user meets it: what it says, who may use it, how it ends, and what goes wrong.
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hawser, localUser, type Run } from './hawser.ts'
import { serving } from './server.ts'
import { treeDifferences } from './trees.ts'

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'hawser')
const runFile = promisify(execFile)
const keys = ['--access-key', 'tester', '--secret-key', 'a secret of the tests']
const user = {
  AWS_ACCESS_KEY_ID: 'tester',
  AWS_SECRET_ACCESS_KEY: 'a secret of the tests',
  AWS_REGION: 'us-east-1',
}
let folder: string
let env: Record<string, string>
let directories = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-serve-e2e-'))
  env = localUser(folder)
  mkdirSync(join(folder, 'tree', 'sub'), { recursive: true })
  for (let i = 0; i < 20; i++)
    writeFileSync(join(folder, 'tree', 'sub', `file-${i}`), `content ${i}`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The name of a directory that does not exist. */
function newDirectory(): string {
  return `served-${++directories}`
}
const here = (): { cwd: string; env: Record<string, string> } => ({ cwd: folder, env })
const serve = (...argv: string[]): ReturnType<typeof serving> => serving(argv, here())
const client = (url: string, ...argv: string[]): Promise<Run> =>
  hawser(argv, { cwd: folder, env: { ...env, ...user, AWS_ENDPOINT_URL: url } })

test('a directory is made and served; what it says makes a shell its client', async () => {
  const directory = newDirectory()
  await using server = await serve(directory)
  expect(server.said).toMatch(
    new RegExp(
      String.raw`^serving ${folder}/${directory} \(new\) at http://127\.0\.0\.1:\d+; Ctrl-C ends it
In the shells of its clients:
  export AWS_ENDPOINT_URL=http://127\.0\.0\.1:\d+ AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=\w+ AWS_SECRET_ACCESS_KEY=[\w-]+
$`,
    ),
  )
  const pasted = server.said.split('\n').filter((line) => line.startsWith('  '))
  const commands = ['mb s3://demo', 'sync tree s3://demo/tree', 'sync s3://demo/tree back']
  const script = [...pasted, ...commands.map((line) => `hawser ${line}`)].join('\n')
  const shell = { ...env, PATH: `${join(launcher, '..')}:${env['PATH']}` }
  await runFile('sh', ['-ec', script], { cwd: folder, env: shell })
  expect(await treeDifferences(join(folder, 'tree'), join(folder, 'back'))).toEqual([])
  const file = join(folder, directory, 'demo', 'tree', 'sub', 'file-7')
  expect(readFileSync(file, 'utf8')).toBe('content 7')
  expect(statSync(join(folder, directory)).mode & 0o777).toBe(0o777 & ~process.umask())
  expect(statSync(join(folder, directory, '.hawser')).mode & 0o777).toBe(0o700)
  const end = await server.stop()
  expect(end).toMatchObject({ code: 0, signal: null, stdout: server.said })
  expect(end.stderr).toBe('hawser: stopping in good order; press Ctrl-C again to end at once\n')
})

test('on a terminal it is the same, and Ctrl-C ends it', async () => {
  const command = `exec '${launcher}' serve s3 '${newDirectory()}' --listen 127.0.0.1:0`
  const running = runFile('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...env, TERM: 'xterm' },
  })
  const { child } = running
  let seen = ''
  child.stdout?.on('data', (text: string) => {
    const isReady = seen.includes('SECRET_ACCESS_KEY')
    seen += text
    if (!isReady && seen.includes('SECRET_ACCESS_KEY')) child.stdin?.write('\u0003')
  })
  await running
  const lines = seen.split('\r\n')
  expect(lines[0]).toMatch(/^serving .* at http:.*; Ctrl-C ends it$/)
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/hawser: stopping in good order; press Ctrl-C again to end at once$/),
    '',
  ])
})

test('a second Ctrl-C does not wait for those who are being served', async () => {
  const directory = newDirectory()
  mkdirSync(join(folder, directory, 'bucket'), { recursive: true })
  const file = join(folder, directory, 'bucket', 'large')
  writeFileSync(file, '')
  truncateSync(file, 256 * 1024 * 1024)
  await using server = await serve(directory, '--anonymous', 'read')
  // The client reads nothing of the body, so that its request is under way.
  const request = http.get(`${server.url}/bucket/large`, { agent: false })
  request.on('error', () => {})
  await once(request, 'response')
  server.child.kill('SIGINT')
  await server.hears('stopping in good order')
  expect(await server.stop()).toMatchObject({ code: 130 })
  request.destroy()
})

test('-v tells of requests, and the log holds them without secrets', async () => {
  await using server = await serve(newDirectory(), '-v', ...keys, '--log-file', 'log')
  expect(server.said).not.toContain('tester')
  expect(server.said).not.toContain('a secret')
  await client(server.url, 'mb', 's3://bucket')
  await client(server.url, 'cp', 'tree/sub/file-1', 's3://bucket/file')
  await client(server.url, 'stat', 's3://bucket/none')
  const { code, stderr } = await server.stop('SIGTERM')
  expect(code).toBe(0)
  expect(stderr).toMatch(/^200 CreateBucket \/bucket in /m)
  expect(stderr).toMatch(/^200 PutObject \/bucket\/file \(\d+ B in\) in /m)
  expect(stderr).toMatch(/^404 NoSuchKey HeadObject \/bucket\/none in /m)
  const log = readFileSync(join(folder, 'log'), 'utf8')
  expect(log).toMatch(/Z 200 PutObject \/bucket\/file /)
  expect(log + stderr).not.toContain('a secret')
  expect(log + stderr).not.toContain('tester')
})

test('without -v it is silent, and with -q it says only what nobody could guess', async () => {
  await using server = await serve(newDirectory(), '-q')
  expect(server.said).toMatch(/^ {2}export AWS_ACCESS_KEY_ID=\w+ AWS_SECRET_ACCESS_KEY=\S+\n$/)
  expect(await server.stop()).toMatchObject({ code: 0, stderr: '' })
})

test('--json is a record of the server, and of each request', async () => {
  await using server = await serve(newDirectory(), '--json')
  const { url, accessKeyId, secretAccessKey, ...more }: Record<string, string> = JSON.parse(
    server.said,
  )
  expect(more).toEqual({
    type: 'server',
    region: 'us-east-1',
    address: expect.stringContaining(folder),
    anonymous: false,
    readOnly: false,
  })
  await hawser(['mb', 's3://bucket'], {
    env: {
      ...env,
      AWS_ENDPOINT_URL: url ?? '',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: secretAccessKey ?? '',
    },
  })
  const { code, stdout } = await server.stop()
  expect(code).toBe(0)
  const [, ...records]: unknown[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(records).toEqual([
    {
      type: 'request',
      id: expect.stringMatching(/^[0-9A-F]{16}$/),
      operation: 'CreateBucket',
      method: 'PUT',
      path: '/bucket',
      status: 200,
      received: expect.any(Number),
      sent: 0,
      milliseconds: expect.any(Number),
    },
  ])
})

test('the keys come from the environment, out of sight of other users', async () => {
  const own = { HAWSER_ACCESS_KEY: 'tester', HAWSER_SECRET_KEY: 'a secret of the tests' }
  const settings = { cwd: folder, env: { ...env, ...own, HAWSER_READ_ONLY: '1' } }
  await using server = await serving([newDirectory()], settings)
  expect(server.exports).toEqual({ AWS_ENDPOINT_URL: server.url, AWS_REGION: 'us-east-1' })
  expect(server.said).toContain('Nothing can be changed through it.\n')
  expect(await client(server.url, 'ls', 's3://')).toMatchObject({ code: 0, stdout: '' })
  expect(await client(server.url, 'mb', 's3://bucket')).toMatchObject({ code: 5 })
})

test('everybody may read where that is said', async () => {
  const directory = newDirectory()
  mkdirSync(join(folder, directory, 'bucket'), { recursive: true })
  writeFileSync(join(folder, directory, 'bucket', 'by-hand.txt'), 'put there by hand\n')
  await using server = await serve(directory, '--anonymous', 'read')
  expect(server.said).toContain(`Everybody may read: curl ${server.url}/BUCKET/KEY\n`)
  expect(server.exports).toEqual({ AWS_ENDPOINT_URL: server.url, AWS_REGION: 'us-east-1' })
  const { stdout } = await runFile('curl', ['-sS', `${server.url}/bucket/by-hand.txt`])
  expect(stdout).toBe('put there by hand\n')
  const denied = await fetch(`${server.url}/bucket/new`, { method: 'PUT', body: 'x' })
  expect(denied.status).toBe(403)
})

test('over TLS', async () => {
  const tls = join(import.meta.dirname, '..', 'fixtures', 'tls')
  const [cert, key] = [join(tls, 'cert.pem'), join(tls, 'key.pem')]
  await using server = await serve(newDirectory(), ...keys, '--tls-cert', cert, '--tls-key', key)
  expect(server.url).toMatch(/^https:/)
  const made = await hawser(['mb', 's3://bucket'], {
    env: { ...env, ...user, AWS_ENDPOINT_URL: server.url, NODE_EXTRA_CA_CERTS: cert },
  })
  expect(made).toMatchObject({ code: 0 })
})

test('what is behind a 5xx reaches the one who runs the server', async () => {
  const directory = newDirectory()
  mkdirSync(join(folder, directory))
  const mount = join(folder, directory)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', mount])
  try {
    await using server = await serve(directory, ...keys)
    await client(server.url, 'mb', 's3://bucket')
    writeFileSync(join(folder, 'large'), Buffer.alloc(16 * 1024 * 1024))
    const put = await client(server.url, 'cp', 'large', 's3://bucket/large', '--retries', '0')
    expect(put.code).not.toBe(0)
    const { stderr } = await server.stop()
    expect(stderr).toMatch(/^hawser: warning: .* \(request [0-9A-F]{16}\)$/m)
    expect(stderr).toContain('no space left')
    expect(stderr).not.toMatch(/^\d+ of |objects$/m) // no progress of a run
  } finally {
    execFileSync('umount', [mount])
  }
})

test('a directory that cannot be written is served with its ledger elsewhere', async () => {
  const directory = newDirectory()
  const mount = join(folder, directory)
  mkdirSync(mount)
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', mount])
  try {
    mkdirSync(join(mount, 'bucket'))
    writeFileSync(join(mount, 'bucket', 'file'), 'content')
    execFileSync('mount', ['-o', 'remount,ro', mount])
    const refused = await hawser(['serve', 's3', directory, '--listen', '0'], here())
    expectRefusal(refused, 9, 'the ledger cannot be written here', 'another directory')
    await using server = await serve(directory, ...keys, '--ledger', 'its-ledger')
    const read = await client(server.url, 'cat', 's3://bucket/file')
    expect(read).toMatchObject({ code: 0, stdout: 'content' })
    const written = await client(server.url, 'cp', 'log', 's3://bucket/new', '--retries', '0')
    expect(written.code).not.toBe(0)
    await server.stop()
  } finally {
    execFileSync('umount', [mount])
  }
  expect(statSync(join(folder, 'its-ledger', 'ledger.sqlite')).isFile()).toBe(true)
})

test('a port that is taken, a directory that is', async () => {
  const directory = newDirectory()
  await using server = await serve(directory, ...keys)
  const { host } = new URL(server.url)
  const port = await hawser(['serve', 's3', newDirectory(), '--listen', host], here())
  expectRefusal(port, 9, 'cannot listen on 127.0.0.1', 'choose another port')
  const both = await hawser(['serve', 's3', directory, '--listen', '0'], here())
  expectRefusal(both, 6, 'another server works here', 'Stop the other server')
})

test.each([
  [['s3', 'x', '--listen', 'nowhere'], 2, '--listen takes HOST:PORT'],
  [['s3', 'x', '--access-key', 'id'], 2, 'belong together'],
  [['s3', 'x', '--secret-key', 'key'], 2, 'belong together'],
  [['s3', 'x', '--access-key', 'a/b', '--secret-key', 'key'], 2, '"a/b" is no access key'],
  [['s3', 'x', '--anonymous', 'write'], 2, '--anonymous takes read'],
  [['s3', 'x', '--listen', '0.0.0.0:0'], 2, 'there are no credentials'],
  [['s3', 'x', '--tls-cert', 'tree/sub/file-1'], 2, 'belong together'],
  [['s3', 'x', '--tls-cert', 'none', '--tls-key', 'none'], 2, 'none cannot be read'],
  [
    ['s3', 'x', '--listen', '0', '--tls-cert', 'tree/sub/file-1', '--tls-key', 'tree/sub/file-2'],
    2,
    'the certificate or its key cannot be used',
  ],
  [['s3', 'x', '--domain', 'a b'], 2, '"a b" is no host'],
  [['s3', 'tree/sub/file-1', '--listen', '0'], 9, 'this is a file, not a directory'],
  [['s3', 'tree/sub/file-1/below', '--listen', '0'], 9, 'cannot serve'],
  [['s3', 's3://', '--no-sign-request'], 2, 'needs a bucket'],
  [['s3', 'a', 'b'], 2, 'too many arguments'],
  [['ftp'], 2, 'serve knows the protocol s3, not "ftp"'],
  [[], 2, 'too few arguments'],
])('serve %j ends with %d', async (argv, code, ...words) => {
  expectRefusal(await hawser(['serve', ...argv], here()), code, ...words)
})

function expectRefusal({ code, stdout, stderr }: Run, expected: number, ...words: string[]): void {
  expect(stderr).toMatch(/^hawser: /)
  for (const each of words) expect(stderr).toContain(each)
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(stdout).toBe('')
  expect(code).toBe(expected)
}

test('its help names what it needs', async () => {
  const { code, stdout } = await hawser(['serve', '--help'], here())
  expect(code).toBe(0)
  for (const words of ['s3 [DIR|URL]', '--listen', '--access-key', 'Ctrl-C', 'hawser serve s3'])
    expect(stdout).toContain(words)
})
