// docs/history.md says what is: its commands do what they say, its options are there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandIn } from '../cli/commands/tools.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'history.md'), 'utf8')

test('the commands, one after the other', async () => {
  const { hawser } = await commandIn({ 'models/a': 'a', 'models/b.tmp': 'b' })
  const lines = shellLines(text)
  expect(lines.length).toBeGreaterThan(6)
  for (const line of lines) {
    const argv = line.split(' ').slice(1)
    const given = argv.map((word) => word.replace(/^\./, '@').replaceAll("'", ''))
    expect(await hawser(given)).toMatchObject({ code: 0 })
  }
})

test('the options', async () => {
  const known = new Set<string>()
  for (const command of ['sync', 'runs', 'status'])
    for (const option of await optionsOf(command)) known.add(option)
  expect([...optionsIn(text)].filter((option) => !known.has(option))).toEqual([])
})
