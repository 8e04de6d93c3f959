// docs/serve.md says what is: its table has the operations that there are, what it calls not implemented is answered so,
// its limits are those of the source, and its commands run.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits } from '../../src/serve/http/limits.ts'
import { operationNames, unsupported } from '../../src/serve/http/routes.ts'
import { localUser } from '../e2e/hawser.ts'
import { serving, type Serving } from '../e2e/server.ts'
import { served } from '../serve/client.ts'
import { freePort } from '../servers/free-port.ts'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'docs', 'serve.md'), 'utf8')
const run = promisify(execFile)

/** What is below a heading, up to the next one. */
function section(heading: string): string {
  return new RegExp(`^#+ ${heading}\n(.*?)(?=^#+ )`, 'ms').exec(text)?.[1] ?? ''
}

function rows(part: string): string[][] {
  const lines = part.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

test('the table has every operation that there is, and no other', () => {
  const told = rows(section('Operations')).map(([name = '', supported]) => {
    expect(supported).toBe('yes')
    return name
  })
  expect(told.toSorted()).toEqual(operationNames().toSorted())
})

test('the limits are those of the source', () => {
  const told = new Map(
    rows(section('Limits')).flatMap(([, limit = '']) => {
      const [, name = '', number = '', unit = ''] =
        /^`(\w+)`: (?:after )?([\d,]+)(?: (KiB|s)\b)?/.exec(limit) ?? []
      const factor = { KiB: 1024, s: 1000 }[unit] ?? 1
      return name === '' ? [] : [[name, Number(number.replaceAll(',', '')) * factor]]
    }),
  )
  expect(Object.fromEntries(told)).toEqual(defaultLimits)
})

describe('what is not implemented', () => {
  const part = section('Not implemented')
  const client = served()

  const subresources = [...part.matchAll(/`\?([\w-]+)`/g)].map(([, name = '']) => name)
  test('names every subresource', () => {
    expect(subresources.toSorted()).toEqual([...unsupported].toSorted())
  })

  test.each(subresources)('?%s answers 501', async (name) => {
    for (const method of ['GET', 'PUT', 'DELETE', 'POST'])
      for (const target of ['bucket', 'bucket/key']) {
        const refused = await client.refused(method, target, { query: { [name]: '' } })
        expect(refused).toMatchObject({ status: 501, code: 'NotImplemented' })
      }
  })

  const headers = [...part.matchAll(/^- `([\w-]+)(?:: (.*))?`$/gm)]
  test.each(headers.map(([, name = '', value = 'x']) => [name, value]))(
    '%s: %s answers 501, and nothing is made',
    async (name, value) => {
      const bucket = await client.bucket()
      const sent = { headers: { [name]: value }, body: 'x' }
      const refused = await client.refused('PUT', `${bucket}/key`, sent)
      expect(refused).toMatchObject({ status: 501, code: 'NotImplemented' })
      expect(refused.reply.get('Header')).toBe(name)
      expect(await client.refused('GET', `${bucket}/key`)).toMatchObject({ status: 404 })
    },
  )

  test('there are some', () => {
    expect(headers.length).toBeGreaterThan(10)
  })
})

/** The lines of the shell examples, but for those of other clients: test/e2e/clients.test.ts is about them. */
const lines = [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .filter((line) => !/^(?:aws|rclone|s3cmd) /.test(line))

describe('the examples', () => {
  let folder: string
  let env: Record<string, string>
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-serve-docs-'))
    const user = localUser(folder)
    env = { ...user, PATH: `${join(root, 'bin')}:${user['PATH']}` }
    for (const name of ['cert.pem', 'key.pem'])
      copyFileSync(join(root, 'test', 'fixtures', 'tls', name), join(folder, name))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('run one after the other', async () => {
    let server: Serving | undefined
    let port = ''
    const exported: string[] = []
    const answers: string[] = []
    try {
      for (const line of lines) {
        const [, variables = '', argv] = /^((?:\w+=\S+ )*)hawser serve s3 (.*)$/.exec(line) ?? []
        if (argv !== undefined) {
          await server?.stop()
          port = String(await freePort())
          const given = Object.fromEntries(
            new URLSearchParams(variables.trim().replaceAll(' ', '&')),
          )
          server = await serving([...argv.split(' '), '--listen', port], {
            cwd: folder,
            env: { ...env, ...given },
          })
        } else if (line.startsWith('export ')) exported.push(line.replaceAll('9000', port))
        else {
          // Each server of the document is at the same place; here it is at one of its own.
          const place = `${exported.join('\n')}\nAWS_ENDPOINT_URL=http://127.0.0.1:${port}`
          const script = `${place}\n${line.replaceAll('9000', port)}`
          const { stdout } = await run('sh', ['-ec', script], { cwd: folder, env })
          answers.push(stdout)
        }
      }
      expect((await server?.stop())?.code).toBe(0)
    } finally {
      await server?.[Symbol.asyncDispose]()
    }
    expect(answers.filter((answer) => answer === 'hello\n').length).toBe(5)
    expect(answers).toContain('by hand\n')
  })

  test('are many', () => {
    expect(lines.filter((line) => line.includes('hawser serve s3')).length).toBeGreaterThan(4)
    expect(lines.filter((line) => line.startsWith('curl')).length).toBeGreaterThan(3)
  })
})
