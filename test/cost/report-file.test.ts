import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { reportPlace, writeReport } from '../../src/cost/report-file.ts'
import { failure } from '../conformance/tools.ts'
import { temporaryDirectory } from '../transfer/tools.ts'

const runFile = promisify(execFile)

test('a report replaces what was there, and leaves nothing beside it', async () => {
  const directory = await temporaryDirectory()
  const file = join(directory, 'report.json')
  await writeReport(file, 'one\n')
  await writeReport(file, 'two\n')
  expect(await readFile(file, 'utf8')).toBe('two\n')
  expect(await readdir(directory)).toEqual(['report.json'])
})

test('a link is followed', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'below'))
  const [file, link] = [join(directory, 'below', 'report.json'), join(directory, 'link')]
  await writeFile(file, 'old')
  await symlink(file, link)
  await writeReport(link, 'new')
  expect(await readFile(file, 'utf8')).toBe('new')
  expect(await readdir(join(directory, 'below'))).toEqual(['report.json'])
})

test('a pipe is written to', async () => {
  const pipe = join(await temporaryDirectory(), 'pipe')
  await runFile('mkfifo', [pipe])
  const [{ stdout }] = await Promise.all([runFile('cat', [pipe]), writeReport(pipe, 'told')])
  expect(stdout).toBe('told')
})

test('a file that cannot be written is named, and what was there stays', async () => {
  const directory = await temporaryDirectory()
  const missing = join(directory, 'missing', 'report.json')
  await mkdir(join(directory, 'directory'))
  for (const file of [missing, join(directory, 'directory')]) {
    const error = await failure(writeReport(file, 'text'), 'local-io')
    expect(error).toMatchObject({ op: 'report', address: file })
    expect(error.hint).toBeDefined()
    expect(() => reportPlace(file)).toThrow('the report cannot be written: it')
  }
  expect(await readdir(directory)).toEqual(['directory'])
})
