// The tables of the guide to filters say what is so: each row is run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FilterOptions } from '../../src/filter/types.ts'
import { hidden } from '../filter/tools.ts'

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'filters.md'), 'utf8')

/** What stands between backticks. */
function quoted(cell = ''): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)
}

/** The rows of the table with this head, as what is quoted in their cells. */
function table(head: string): [string[], string[], string[]][] {
  const lines = guide.split('\n')
  const start = lines.findIndex(
    (line) => line.replaceAll('`', '').replace(/ +/g, ' ') === `| ${head} |`,
  )
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.indexOf('')).map((line) => {
    const [, first, second, third] = line.split('|')
    return [quoted(first), quoted(second), quoted(third)]
  })
}

async function kept(options: FilterOptions, names: readonly string[]): Promise<string[]> {
  const out = await hidden(options, names)
  return names.filter((name) => !out.includes(name))
}

async function hits(pattern: string, name: string): Promise<boolean> {
  // Directories on the way stay in, whatever the pattern says of them.
  const ways = name
    .slice(0, -1)
    .split('/')
    .slice(0, -1)
    .map((_, i, parts) => `+ /${parts.slice(0, i + 1).join('/')}/`)
  return (await hidden({ rules: [...ways, `- ${pattern}`] }, [name])).length === 1
}

describe('patterns', () => {
  test.each(table('pattern | matches | does not match'))('%j', async ([pattern = ''], yes, no) => {
    // One by one: a directory that fits would take what is in it with it.
    for (const name of yes) expect(await hits(pattern, name), name).toBe(true)
    for (const name of no) expect(await hits(pattern, name), name).toBe(false)
  })
})

describe('rules', () => {
  test.each(table('rules | of the names | leave in'))('%j', async (rules, names, left) => {
    expect(await kept({ rules }, names)).toEqual(left)
  })
})

describe.each([
  ['.gitignore', 'lines of a .gitignore | leave out | leave in'],
  ['.dockerignore', 'lines of a .dockerignore | leave out | leave in'],
])('%s', (name, head) => {
  test.each(table(head))('%j', async (lines, out, left) => {
    const ignoreFiles = [{ name, text: lines.join('\n') }]
    expect(await hidden({ ignoreFiles }, out)).toEqual(out)
    expect(await hidden({ ignoreFiles }, left)).toEqual([])
  })
})

test('all tables are found', () => {
  expect(table('pattern | matches | does not match').length).toBeGreaterThan(15)
  expect(table('rules | of the names | leave in').length).toBeGreaterThan(3)
})
