// Trees to send, and what they are made of, to compare with what came back.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  createReadStream,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface TreeFacts {
  readonly links?: boolean
  readonly modes?: boolean
  readonly directories?: boolean
}

/** What differs between two trees: contents, times, and what else is asked for. Empty for equal ones. */
export async function treeDifferences(
  left: string,
  right: string,
  facts: TreeFacts = {},
): Promise<string[]> {
  const [before, after] = [await describeTree(left, facts), await describeTree(right, facts)]
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names].flatMap((name) => {
    const [a, b] = [before.get(name), after.get(name)]
    if (!a || !b) return `${name} is only in ${a ? left : right}`
    if (a.what !== b.what) return `${name}: ${a.what}, then ${b.what}`
    const late = b.time - a.time
    return late > resolution || late < -resolution ? `${name}: ${late} ns later` : []
  })
}

/** Node sets times as doubles of seconds. */
const resolution = 1000n

interface Described {
  readonly what: string
  readonly time: bigint
}

async function describeTree(root: string, facts: TreeFacts): Promise<Map<string, Described>> {
  const tree = new Map<string, Described>()
  for (const name of namesBelow(root)) {
    const path = join(root, name)
    const stats = lstatSync(path, { bigint: true })
    const mode = facts.modes ? ` ${(stats.mode & 0o7777n).toString(8)}` : ''
    const time = stats.mtimeNs
    if (stats.isSymbolicLink()) {
      if (facts.links) tree.set(name, { what: `-> ${readlinkSync(path)}`, time })
    } else if (stats.isDirectory()) {
      if (facts.directories) tree.set(`${name}/`, { what: mode, time })
    } else tree.set(name, { what: `${await digestOf(path)}${mode}`, time })
  }
  return tree
}

/** Relative; links are not followed. */
function namesBelow(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = join(below, entry.name)
      return entry.isDirectory() ? [name, ...namesBelow(root, name)] : [name]
    })
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('md5')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}

/** Names that tools get wrong, links, modes, times and empty directories. */
export function makeOddTree(root: string): void {
  const names = [
    'plain.txt',
    'empty',
    'with space',
    'percent%20 and + plus',
    "quote\"s and 'more'",
    'new\nline',
    'tab\there',
    'back\\slash',
    'umlaut-\u00fc',
    'umlaut-u\u0308',
    'emoji-\u{1f600}',
    'private-\uf8ff',
    '-dash',
    '#hash?query&amp;<tag>',
    'a',
    'a-b',
    'a.b',
    'a0/deep/er/file',
    'dir/.hidden',
    'dir/sub/x',
    `${'long'.repeat(60)}/${'name'.repeat(60)}`,
  ]
  names.forEach((name, i) => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, name === 'empty' ? '' : `content of ${name}`.repeat(i + 1))
    chmodSync(path, [0o644, 0o600, 0o755, 0o444][i % 4] ?? 0o644)
    utimesSync(path, 1_700_000_000 + i, 1_500_000_000.5 + i * 1000)
  })
  mkdirSync(join(root, 'nothing/in/here'), { recursive: true })
  mkdirSync(join(root, 'private'), { mode: 0o700 })
  symlinkSync('plain.txt', join(root, 'link'))
  symlinkSync('/nowhere/at all', join(root, 'dir/dangling'))
  symlinkSync('../a0', join(root, 'dir/to-directory'))
  for (const directory of [
    'nothing/in/here',
    'nothing/in',
    'nothing',
    'private',
    'dir/sub',
    'dir',
    'a0/deep/er',
    'a0/deep',
    'a0',
  ])
    utimesSync(join(root, directory), 1_600_000_000, 1_600_000_000)
}
