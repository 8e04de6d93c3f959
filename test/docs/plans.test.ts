// docs/plans.md says what is: its commands run, and its options and those of the commands are the same.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { userOf } from '../e2e/hawser.ts'
import { createBucketName, describeS3 } from '../servers/s3.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'docs', 'plans.md'), 'utf8')
const run = promisify(execFile)

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
      const folder = mkdtempSync(join(tmpdir(), 'hawser-plans-docs-'))
      work = join(folder, 'work')
      const user = userOf(endpoint, folder)
      env = { ...user, PATH: `${join(root, 'bin')}:${user['PATH']}` }
      mkdirSync(join(work, 'site'), { recursive: true })
      for (const name of ['index.html', 'style.css']) writeFileSync(join(work, 'site', name), name)
      await shell('hawser mb s3://bucket')
      await shell('echo old | hawser cp - s3://bucket/site/old.html')
    })
    afterAll(async () => {
      await shell('hawser rm -r s3://bucket/; hawser rb s3://bucket')
      rmSync(join(work, '..'), { recursive: true, force: true })
    })

    test('run one after the other', async () => {
      const said: string[] = []
      for (const line of shellLines(text)) said.push(await shell(line))
      const [made, first, removal, dry, applied, again, later] = said
      expect(made).toMatch(/would copy 2 objects .* would remove 1 object/)
      expect(first).toMatch(/^\{"format":"hawser-plan","version":1,/)
      expect(removal).toMatch(/"name":"old.html"/)
      expect(dry).toMatch(/would copy 2 objects .* would remove 1 object/)
      expect(applied).toMatch(/^copied 2 objects .*, removed 1 object/m)
      expect(again).toMatch(/^nothing to do .* 3 unchanged, 0 failed/)
      expect(later).toMatch(/"actions":0/)
    })
  },
  ['hawser', 'ceph20'],
)

describe('options', () => {
  test('those of the page are options of the commands', async () => {
    const known = new Set([...(await optionsOf('plan')), ...(await optionsOf('apply'))])
    expect([...optionsIn(text)].filter((option) => !known.has(option))).toEqual([])
  })

  test('plan takes those of sync, but for what an apply is told', async () => {
    const [ofSync, ofPlan] = [await optionsOf('sync'), await optionsOf('plan')]
    const later = [
      '--dry-run',
      '--fail-on-conflict',
      '--max-duration',
      '--max-transfer',
      '--report',
    ]
    expect([...ofSync].filter((option) => !ofPlan.has(option)).toSorted()).toEqual(later)
    expect([...ofPlan].filter((option) => !ofSync.has(option))).toEqual(['--output'])
  })
})
