// docs/delta.md says what is: its commands run and do what it promises, and its options are those of the commands.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deltaOptions } from '../../src/config/delta.ts'
import { parseSignature } from '../../src/delta/signature/format.ts'
import { bytesOf, MiB } from '../conformance/tools.ts'
import { describeS3 } from '../servers/s3.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'
import { openShell } from './shell.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const text = readFileSync(join(docs, 'delta.md'), 'utf8')

const lines = shellLines(text)

describeS3(
  'the examples',
  (endpoint) => {
    test('run one after the other', async () => {
      await using shell = await openShell(endpoint)
      const { work } = shell
      mkdirSync(join(work, 'models'))
      writeFileSync(join(work, 'model.bin'), bytesOf(64 * MiB))
      writeFileSync(join(work, 'models', 'small.bin'), bytesOf(MiB))
      const said: [line: string, answer: string][] = []
      const answers = (line: string): string[] =>
        said.filter(([asked]) => asked === line).map(([, answer]) => answer)
      const sent: number[] = []
      for (const line of lines) {
        const told = /^hawser cp [^-]/.test(line) ? withReport(line) : line
        said.push([withoutComment(line), await shell.run(told)])
        if (told !== line) sent.push(sentIn(join(work, 'report.json')))
      }
      expect(sent[0]).toBeGreaterThan(64 * MiB)
      expect(sent[1]).toBeLessThan(5 * MiB + MiB)
      const fresh = expect.stringMatching(/^state +fresh$/m)
      // The second one is after an upload with --no-delta, which keeps none.
      const stale = expect.stringMatching(/^state +stale/m)
      expect(answers('hawser signature s3://bucket/model.bin')).toEqual([fresh, stale])
      expect(answers('hawser signature --make s3://bucket/model.bin')).toEqual([fresh])
      const binary = readFileSync(join(work, 'model.sig'))
      expect(parseSignature(binary).size).toBe(64 * MiB + 'more'.length)
      const [made] = answers("hawser signature --make --block-size 4M 's3://bucket/models/*.bin'")
      expect(made).toMatch(/^average +4\.00 MiB$/m)
    })
  },
  ['hawser', 'ceph20'],
)

function withoutComment(line: string): string {
  return line.replace(/ +#.*/, '')
}

function withReport(line: string): string {
  return `${withoutComment(line)} --report report.json`
}

function sentIn(file: string): number {
  const report: { readonly actual: { readonly bytes: { readonly sent: number } } } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  return report.actual.bytes.sent
}

describe('the options', () => {
  test('of the document are there', async () => {
    const there = new Set([...(await optionsOf('sync')), ...(await optionsOf('signature'))])
    const told = optionsIn(text)
    expect(told.size).toBeGreaterThan(8)
    expect([...told].filter((option) => !there.has(option))).toEqual([])
  })

  test('of deltas are all in its table', () => {
    const table = optionsIn(/^## Options$.*?^## /ms.exec(text)?.[0] ?? '')
    const all = Object.values(deltaOptions).map(({ flags }) => [...optionsIn(flags)].join())
    expect([...table].filter((option) => all.includes(option)).toSorted()).toEqual(all.toSorted())
  })

  test('of the command that shows signatures are all told', async () => {
    const told = optionsIn(
      text + ['patterns', 'sync', 'metadata', 'limits'].map((page) => read(page)).join(),
    )
    expect([...(await optionsOf('signature'))].filter((option) => !told.has(option))).toEqual([])
  })
})

function read(page: string): string {
  return readFileSync(join(docs, `${page}.md`), 'utf8')
}

test('what it refers to is there', () => {
  const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)]
  expect(links.length).toBeGreaterThan(2)
  for (const [, file, anchor] of links) {
    const page = file ? readFileSync(join(docs, file), 'utf8') : text
    expect(page).not.toBe('')
    if (anchor) expect(page.toLowerCase()).toContain(`\n## ${anchor.replaceAll('-', ' ')}\n`)
  }
})
