// docs/plans.md says what is: its commands run, and its options and those of the commands are the same.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeS3 } from '../servers/s3.ts'
import { optionsIn, optionsOf, shellLines } from './page.ts'
import { openShell } from './shell.ts'

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'plans.md'), 'utf8')

describeS3(
  'the examples',
  (endpoint) => {
    test('run one after the other', async () => {
      await using shell = await openShell(endpoint)
      mkdirSync(join(shell.work, 'site'))
      for (const name of ['index.html', 'style.css'])
        writeFileSync(join(shell.work, 'site', name), name)
      await shell.run('echo old | hawser cp - s3://bucket/site/old.html')
      const said: string[] = []
      for (const line of shellLines(text)) said.push(await shell.run(line))
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
