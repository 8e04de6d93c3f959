// The documentation's examples do what they say: its commands are run, its TypeScript is type-checked.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hawser, userOf } from '../e2e/hawser.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'

const root = join(import.meta.dirname, '..', '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const eventsFormat = readFileSync(join(root, 'docs', 'formats', 'events.md'), 'utf8')
const guides = readdirSync(join(root, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(root, 'docs', name), 'utf8'))
const patternsGuide = readFileSync(join(root, 'docs', 'patterns.md'), 'utf8')
const runFile = promisify(execFile)

/** The fenced blocks of a language. */
function blocks(language: string, text = readme): string[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')
  return [...text.matchAll(fence)].map(([, block = '']) => block)
}

/** Lines that call the command: what a shell is given. */
const commands = blocks('sh')
  .flatMap((block) => block.trim().split('\n'))
  .filter((line) => /\bhawser /.test(line) && !line.includes('COMMAND'))

/** A run as it is shown: each command, and what it answers. */
const shown = blocks('console').flatMap((block) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((run) => {
      const [command = '', ...answer] = run.trim().split('\n')
      return { command, answer: answer.join('\n') }
    }),
)

describeS3(
  'the documentation',
  (endpoint) => {
    // Its buckets' names may be taken: the test has its own.
    const own = new Map([
      ['s3://models', `s3://${createBucketName()}`],
      ['s3://bucket', `s3://${createBucketName()}`],
    ])
    const renamed = (text: string): string =>
      text.replace(/s3:\/\/(?:models|bucket)\b/g, (name) => own.get(name) ?? name)
    let folder: string
    let env: Record<string, string>
    const shell = async (command: string): Promise<string> => {
      const { stdout, stderr } = await runFile('sh', ['-ec', renamed(command)], {
        cwd: join(folder, 'work'),
        env,
      })
      return `${stdout}${stderr}`.trim()
    }

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'hawser-readme-'))
      const user = userOf(endpoint, folder)
      env = { ...user, PATH: `${join(root, 'bin')}:${user['PATH']}` }
      makeTree(join(folder, 'work', 'training'), 202)
      makeTree(join(folder, 'work', 'models'), 3)
      makeTree(join(folder, 'work', 'run-17'), 3)
      await shell('hawser mb s3://bucket')
    })
    afterAll(async () => {
      for (const bucket of own.values()) {
        await hawser(['rm', '-r', `${bucket}/`], { env })
        await hawser(['rb', bucket], { env })
      }
      rmSync(folder, { recursive: true, force: true })
    })

    test('the run that is shown', async () => {
      expect(shown.length).toBeGreaterThan(2)
      for (const { command, answer } of shown)
        expect(numberless(await shell(command))).toBe(numberless(renamed(answer)))
    })

    test('the commands, one after the other', async () => {
      expect(commands.length).toBeGreaterThan(4)
      for (const command of commands) await shell(command)
      expect(await shell('hawser ls -r s3://bucket/')).toMatch(/models\/.*\n.*runs\/17\//s)
    })

    test('the program that lists what matches a pattern', async () => {
      const [example = ''] = blocks('ts', patternsGuide)
      const work = join(folder, 'work')
      mkdirSync(join(work, 'node_modules'))
      symlinkSync(root, join(work, 'node_modules', 'hawser'))
      writeFileSync(join(work, 'example.mts'), renamed(example))
      for (const name of ['b/c/2.safetensors', 'b/c/notes.txt', '1.safetensors'])
        await shell(`echo x | hawser cp - s3://bucket/models/${name}`)
      expect(await shell(`'${process.execPath}' example.mts`)).toBe(
        'models/1.safetensors\nmodels/b/c/2.safetensors',
      )
    })

    test('the events of a run', async () => {
      const data = join(folder, 'data')
      mkdirSync(data)
      writeFileSync(join(data, 'a.txt'), 'hello\n')
      const said = await shell(`hawser sync ${data} s3://bucket/data --json`)
      const [example = ''] = blocks('json', eventsFormat)
      // Totals are told beside the work, so that the order of lines may differ.
      const lines = said.split('\n').filter((line) => !line.includes('"type":"progress"'))
      const expected = renamed(example).replaceAll('"/data"', `"${data}"`).trim().split('\n')
      expect(lines.map(numberless).toSorted()).toEqual(expected.map(numberless).toSorted())
    })
  },
  ['ceph20'],
)

/** Counts, sizes and times differ from run to run. */
function numberless(text: string): string {
  const named = text
    .replace(/hawser-[0-9a-f]+/g, 'BUCKET')
    .replace(/\d{8}T\d{9}-[0-9a-f]{6}/g, 'RUN')
  return named.replace(/\d+(?:\.\d+)?(?: [KMG]?i?B)?/g, 'N')
}

function makeTree(folder: string, files: number): void {
  for (let i = 0; i < files; i++) {
    const path = join(folder, `part-${i % 7}`, `file-${i}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, createHash('md5').update(`${i}`).digest())
  }
}

describe('the library', () => {
  const examples = [readme, ...guides].flatMap((text) => blocks('ts', text))
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hawser-types-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'hawser'))
    symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('its examples have the types of the package', async () => {
    expect(examples.length).toBeGreaterThan(2)
    const files = examples.map((text, i) => {
      const name = `example-${i}.mts`
      writeFileSync(join(folder, name), text)
      return name
    })
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const options = ['--noEmit', '--strict', '--target', 'esnext', '--module', 'nodenext']
    const checked = await runFile(tsc, [...options, '--types', 'node', ...files], {
      cwd: folder,
    }).catch((error: unknown) => error)
    expect(checked).toMatchObject({ stdout: '', stderr: '' })
  })
})
