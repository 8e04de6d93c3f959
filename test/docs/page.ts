// What a page of the documentation says: its commands, the options that it names, and those that the commands have.
import { parseCommandLine } from '../../src/cli/program.ts'

/** The lines of its shell examples. */
export function shellLines(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  )
}

export function optionsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([option]) => option))
}

/** Those in the help of a command. */
export async function optionsOf(command: string): Promise<Set<string>> {
  const said = await parseCommandLine([command, '--help'], 1000)
  return optionsIn('text' in said ? said.text.replace(/^Examples:.*/ms, '') : '')
}
