// docs/sync.md says what is: its commands run, and its options and those of the commands are the same.
import { execFile } from 'node:child_process'
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
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userOf } from '../e2e/hawser.ts'
import { treeDifferences } from '../e2e/trees.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'

const root = join(import.meta.dirname, '..', '..')
const docs = join(root, 'docs')
const text = readFileSync(join(docs, 'sync.md'), 'utf8')
const run = promisify(execFile)

const lines = shellLines(text)

describeS3(
  'the examples',
  (endpoint) => {
    const bucket = createBucketName()
    let work: string
    let env: Record<string, string>
    const shell = async (line: string): Promise<string> => {
      const script = line.replaceAll('s3://bucket', `s3://${bucket}`)
      const { stdout, stderr } = await run('sh', ['-ec', script], { cwd: work, env })
      return `${stdout}${stderr}`.trim()
    }

    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-sync-docs-'))
      work = join(folder, 'work')
      const user = userOf(endpoint, folder)
      env = { ...user, PATH: `${join(root, 'bin')}:${user['PATH']}` }
      mkdirSync(join(work, 'site/empty'), { recursive: true })
      for (const name of ['index.html', 'style.css', 'draft.tmp'])
        writeFileSync(join(work, 'site', name), name)
      symlinkSync('index.html', join(work, 'site/home.html'))
      await shell('hawser mb s3://bucket')
    })
    afterAll(async () => {
      await shell('hawser rm -r s3://bucket/; hawser rb s3://bucket')
      rmSync(join(work, '..'), { recursive: true, force: true })
    })

    test('run one after the other', async () => {
      for (const line of lines) {
        const said = await shell(line)
        if (line.startsWith('hawser')) expect(said, line).toMatch(/ 0 failed/)
      }
      expect(await treeDifferences(join(work, 'site'), join(work, 'elsewhere'))).toEqual([])
      const pages = await shell('hawser ls -r s3://bucket/pages/')
      expect(pages).toContain('index.html')
      expect(pages).not.toContain('.css')
      const stat = await shell('hawser stat s3://bucket/described/index.html')
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
