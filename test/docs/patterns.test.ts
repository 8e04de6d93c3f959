// docs/patterns.md says what is: its tables hold, and its commands are ones.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/program.ts'
import { regexPattern } from '../../src/pattern/regex.ts'
import { splitAddress } from '../../src/pattern/address.ts'
import type { Pattern } from '../../src/pattern/pattern.ts'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'docs', 'patterns.md'), 'utf8')

/** The rows of the table with this heading: the codes of each cell. */
function rows(heading: string): string[][][] {
  const table = new RegExp(`^\\| ${heading} +\\| matches .*\n\\|.*\n((?:\\|.*\n)*)`, 'm').exec(text)
  const lines = table?.[1]?.trimEnd().split('\n') ?? []
  return lines.map((line) =>
    line.split(' | ').map((cell) => [...cell.matchAll(/`([^`]*)`/g)].map(([, code = '']) => code)),
  )
}

function check(compile: (text: string) => (name: string) => boolean, row: string[][]): void {
  const [[written = ''] = [], yes = [], no = []] = row
  const matches = compile(written)
  expect(yes.length).toBeGreaterThan(0)
  expect(no.length).toBeGreaterThan(0)
  for (const name of yes) expect(matches(name), `${written} ${name}`).toBe(true)
  for (const name of no) expect(matches(name), `${written} ${name}`).toBe(false)
}

function globbed(written: string): (name: string) => boolean {
  const { address, pattern } = splitAddress(`s3://bucket/${written}`)
  const base = address.slice('s3://bucket/'.length)
  return (name) => name.startsWith(base) && (pattern?.matches(name.slice(base.length)) ?? false)
}

test('shell patterns are what the table says', () => {
  const table = rows('pattern')
  expect(table.length).toBeGreaterThan(10)
  for (const row of table) check(globbed, row)
})

test('regular expressions are what the table says', () => {
  const table = rows('expression')
  expect(table.length).toBeGreaterThan(2)
  for (const row of table)
    check((written) => {
      const pattern: Pattern = regexPattern(written)
      return (name) => pattern.matches(name)
    }, row)
})

test('commands take what the examples give them', async () => {
  const [, block = ''] = /^```sh\n(.*?)^```$/ms.exec(text) ?? []
  const lines = block.trim().split('\n')
  expect(lines.length).toBeGreaterThan(4)
  for (const line of lines) {
    const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
    const parsed = await parseCommandLine(words.slice(1).map(String), 80)
    expect(parsed, line).toMatchObject({ name: words[1] })
    if (!('command' in parsed)) continue
    const { regex } = parsed.given
    const options = { regex: typeof regex === 'string' ? regex : undefined }
    for (const operand of parsed.operands)
      expect(splitAddress(operand, options).pattern, operand).toBeDefined()
  }
})
