// Programs that nobody here wrote, unpacked from Debian once a machine, for tests that run them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Where the programs are, or why they are not there. */
export type Installed = { readonly directory: string } | { readonly missing: string }

/** The Debian suites to take them from: the next when one has a bad day. */
const suites = ['sid', 'trixie']

/** By the script `install-NAME.sh`. */
export async function install(name: string): Promise<Installed> {
  if (process.env['HAWSER_TEST_SERVERS'] === 'none') return { missing: 'HAWSER_TEST_SERVERS=none' }
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const failures: string[] = []
  for (const suite of suites) {
    const directory = join(cache, 'hawser-test', `${name}-${suite}`)
    const script = join(import.meta.dirname, `install-${name}.sh`)
    const child = spawn(script, [suite, directory], { stdio: ['ignore', 'inherit', 'pipe'] })
    const [complaint, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    if (code === 0) return { directory }
    failures.push(`Debian ${suite}: ${complaint.trim()}`)
  }
  return { missing: failures.join('; ') }
}
