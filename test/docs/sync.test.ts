// docs/sync.md says what is: its commands run, and its options and those of the commands are the same.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { treeDifferences } from '../e2e/trees.ts'
import { describeS3 } from '../servers/s3.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'
import { openShell } from './shell.ts'

const docs = join(import.meta.dirname, '..', '..', 'docs')
const text = readFileSync(join(docs, 'sync.md'), 'utf8')

const lines = shellLines(text)

describeS3(
  'the examples',
  (endpoint) => {
    test('run one after the other', async () => {
      await using shell = await openShell(endpoint)
      const { work } = shell
      mkdirSync(join(work, 'site/empty'), { recursive: true })
      for (const name of ['index.html', 'style.css', 'draft.tmp'])
        writeFileSync(join(work, 'site', name), name)
      symlinkSync('index.html', join(work, 'site/home.html'))
      for (const line of lines) {
        const said = await shell.run(line)
        if (line.startsWith('hawser')) expect(said, line).toMatch(/ 0 failed/)
      }
      expect(await treeDifferences(join(work, 'site'), join(work, 'elsewhere'))).toEqual([])
      const pages = await shell.run('hawser ls -r s3://bucket/pages/')
      expect(pages).toContain('index.html')
      expect(pages).not.toContain('.css')
      const stat = await shell.run('hawser stat s3://bucket/described/index.html')
      expect(stat).toMatch(/project +site/)
      expect(stat).toMatch(/cache control +max-age=3600/)
      const [plan, done] = [reportIn(work, 'plan.json'), reportIn(work, 'done.json')]
      expect(plan.actual).toBeUndefined()
      expect(done.actual).toMatchObject({ requests: plan.predicted.requests })
      expect(readdirSync(join(work, 'copy'))).toContain('index.html')
    })
  },
  ['hawser', 'ceph20'],
)

interface Report {
  readonly predicted: { readonly requests: Readonly<Record<string, number>> }
  readonly actual?: Report['predicted']
}

function reportIn(directory: string, name: string): Report {
  return JSON.parse(readFileSync(join(directory, name), 'utf8'))
}

test('they are many', () => {
  expect(lines.filter((line) => line.startsWith('hawser sync')).length).toBeGreaterThan(15)
})

describe('the options', () => {
  test('of the document are there', async () => {
    const there = (await optionsOf('sync')).add('--recursive')
    const told = optionsIn(text.replace(/^## What differs.*/ms, ''))
    expect(told.size).toBeGreaterThan(50)
    expect([...told].filter((option) => !there.has(option))).toEqual([])
  })

  test.each(['sync', 'cp'])('of %s are all in the documents', async (command) => {
    const others = ['compress', 'filters', 'limits', 'metadata', 'costs', 'patterns']
    const pages = ['sync', 'delta', ...others]
    const told = optionsIn(
      pages.map((page) => readFileSync(join(docs, `${page}.md`), 'utf8')).join(),
    )
    const missing = [...(await optionsOf(command))].filter((option) => !told.has(option))
    expect(missing).toEqual([])
  })
})

test('what it refers to is there', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(4)
  for (const link of links) expect(readFileSync(join(docs, link), 'utf8')).not.toBe('')
})
