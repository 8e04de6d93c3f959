// The command line: which command is meant, its options, and help. Only the command that is called is loaded.
import { Command as Commander, CommanderError, Help, Option } from 'commander'
import {
  type ListMember,
  longOf,
  type Occurrence,
  type OptionSpecs,
  type RawOptions,
} from '../config/option.ts'
import {
  connectionOptions,
  globalOptions,
  outputOptions,
  transferOptions,
} from '../config/options.ts'
import { version } from '../config/version.ts'
import { catalog, type CatalogEntry } from './catalog.ts'
import { type Command, usageError } from './command.ts'
import { nameHere } from './elsewhere.ts'

export interface Invocation {
  readonly name: string
  readonly command: Command
  readonly operands: readonly string[]
  /** The command's own options and the global ones, as they were given. */
  readonly given: RawOptions
}

/** What commander said by itself: help, the version, or what is wrong with the command line. */
export interface Answer {
  readonly text: string
  readonly exitCode: 0 | 2
}

const groups: readonly (readonly [heading: string, specs: OptionSpecs])[] = [
  ['Connection:', connectionOptions],
  ['Transfer:', transferOptions],
  ['Output:', outputOptions],
]

/** Reads the command line, without the program's name. */
export async function parseCommandLine(
  argv: readonly string[],
  columns: number,
): Promise<Invocation | Answer> {
  const answer: string[] = []
  const write = (text: string): void => void answer.push(text)
  const program = setUp(new Commander('hawser'), write, columns)
  describeProgram(program)
  const given: Record<string, RawOptions[string]> = {}
  addGlobalOptions(program, given)
  let invocation: Invocation | undefined
  const args = argv[0] === 'help' ? helpOn(argv.slice(1)) : argv
  const called = findCommand(args)
  for (const entry of catalog) {
    const sub = setUp(program.command(entry.name), write, columns).summary(entry.summary)
    if (entry.alias !== undefined) sub.alias(entry.alias)
    if (entry !== called) continue
    const command = await entry.load()
    describeCommand(sub, entry, command)
    addOptions(sub, command.options, 'Options:', given)
    addGlobalOptions(sub, given)
    sub.action((operands: readonly string[]) => {
      checkOperands(entry, command, operands)
      invocation = { name: entry.name, command, operands, given }
    })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { text: answer.join(''), exitCode: error.exitCode === 0 ? 0 : 2 }
  }
  return invocation ?? { text: answer.join('') || program.helpInformation(), exitCode: 2 }
}

/** `help COMMAND` is `COMMAND --help`; what is no command is refused as such. */
function helpOn(argv: readonly string[]): readonly string[] {
  return argv.length > 0 && findCommand(argv) === undefined ? argv : [...argv, '--help']
}

function setUp(command: Commander, write: (text: string) => void, columns: number): Commander {
  return command
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: (text, say) => say(refusal(text, command)),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
}

/** Commander's words in the form of every other message: a hint is indented. */
function refusal(text: string, command: Commander): string {
  const name = command.name()
  const help = name === 'hawser' ? 'hawser --help' : `hawser ${name} --help`
  const [message = '', suggestion = `(See: ${help})`] = text.trim().split('\n')
  const other = nameHere(message, command.options)
  const hint = other === undefined ? suggestion : `Here it is ${other}.`
  return `${message.replace(/^error: /, 'hawser: ')}\n  ${hint.replace(/^\((.*)\)$/, '$1')}\n`
}

function describeProgram(program: Commander): void {
  program
    .enablePositionalOptions()
    .usage('COMMAND [options] ...')
    .description('Moves data between disks and object stores: lists, copies and syncs.')
    .version(`hawser ${version}`, '--version', 'show the version')
    .configureHelp({
      formatHelp: (command, help) =>
        commandsFirst(Help.prototype.formatHelp.call(help, command, help)),
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join('|'),
    })
    .addHelpText(
      'after',
      `
Addresses: path, file:///path, s3://bucket/key; "-" is standard input or output; a trailing "/" means a prefix.
Sizes: K M G T and KiB MiB ... are powers of 1,024, KB MB ... powers of 1,000; a bare number is bytes.
Times: 500ms, 90s, 5m, 1h30m, 7d, 2w; a bare number is seconds.
Every option above can be set in the environment: HAWSER_JOBS=8 for --jobs 8.
Exit codes: 0 done, 1 several failures, 2 usage, 3 refused by a guard, 4 not found, 5 access denied, 6 conflict,
7 integrity, 8 network or service, 9 local input or output, 70 a bug, 130 interrupted.

Examples:
  hawser sync ./models s3://bucket/models
  hawser cp s3://bucket/models/a.bin .
  hawser ls -l s3://bucket/

Help on a command: hawser COMMAND --help`,
    )
}

/** Usage, description, commands; then the options. */
function commandsFirst(help: string): string {
  const [usage = '', description = '', ...rest] = help.split('\n\n')
  const commands = rest.filter((block) => block.startsWith('Commands:'))
  const options = rest.filter((block) => !commands.includes(block))
  const text = [usage, description, ...commands.map((block) => block.trimEnd()), ...options]
  return `${text.join('\n\n').trimEnd()}\n`
}

/** A command without options of its own has `--help` there all the same. */
function optionsFirst(help: string): string {
  const blocks = help.trimEnd().split('\n\n')
  const own = blocks.findIndex((block) => block.startsWith('Options:'))
  const global = blocks.findIndex((block) => block.startsWith('Connection:'))
  if (own > global) blocks.splice(global, 0, ...blocks.splice(own, 1))
  return `${blocks.join('\n\n')}\n`
}

function describeCommand(sub: Commander, entry: CatalogEntry, command: Command): void {
  const examples = command.examples.map(([line, meaning]) => `  hawser ${line}\n      ${meaning}\n`)
  sub
    .argument('[operands...]')
    .usage(`[options] ${command.arguments.usage}`)
    .description(`${sentence(entry.summary)} ${command.details}`)
    .configureHelp({
      visibleArguments: () => [],
      formatHelp: (of, help) => optionsFirst(Help.prototype.formatHelp.call(help, of, help)),
    })
    .addHelpText('after', `\nExamples:\n${examples.join('')}`)
}

function addGlobalOptions(to: Commander, given: Record<string, RawOptions[string]>): void {
  for (const [heading, specs] of groups) addOptions(to, specs, heading, given)
}

/** Notes what is given under the options' own names; a later one wins, counts add up. */
function addOptions(
  to: Commander,
  specs: OptionSpecs,
  heading: string,
  given: Record<string, RawOptions[string]>,
): void {
  for (const [name, spec] of Object.entries(specs)) {
    const group = spec.heading ?? heading
    if (spec.members) {
      addList(to, name, spec.members, group, given)
      continue
    }
    to.addOption(new Option(spec.flags, spec.summary).helpGroup(group))
    on(to, spec.flags, (value) => {
      const before = given[name]
      if (spec.kind === 'count') given[name] = (typeof before === 'number' ? before : 0) + 1
      else given[name] = spec.kind === 'value' ? (value ?? '') : true
    })
    if (spec.negation === undefined) continue
    const negation = `--no-${longOf(spec.flags)}`
    to.addOption(new Option(negation, spec.negation).helpGroup(group))
    on(to, negation, () => void (given[name] = false))
  }
}

/** All of a list's options add to what is given under the list's name. */
function addList(
  to: Commander,
  name: string,
  members: readonly ListMember[],
  heading: string,
  given: Record<string, RawOptions[string]>,
): void {
  const all: Occurrence[] = []
  for (const { flags, summary } of members) {
    to.addOption(new Option(flags, summary).helpGroup(heading))
    on(to, flags, (value) => {
      all.push({ option: longOf(flags), value: value ?? '' })
      given[name] = all
    })
  }
}

function on(to: Commander, flags: string, given: (value: string | undefined) => void): void {
  to.on(`option:${longOf(flags)}`, given)
}

/** @throws HawserError invalid-argument */
function checkOperands(
  { name }: CatalogEntry,
  { arguments: { usage, min, max } }: Command,
  operands: readonly string[],
): void {
  if (operands.length >= min && operands.length <= max) return
  const problem = operands.length < min ? 'too few' : 'too many'
  throw usageError(`${name}: ${problem} arguments: expected ${usage}`, `See: hawser ${name} --help`)
}

/** The command that is named first, where one is; commander judges everything else. */
function findCommand(argv: readonly string[]): CatalogEntry | undefined {
  const withValue = new Set(
    Object.values(globalOptions)
      .filter(({ kind }) => kind === 'value')
      .flatMap(({ flags }) => flags.replace(/ <.*/, '').split(', ')),
  )
  let at = 0
  while (argv[at]?.startsWith('-')) at += withValue.has(argv[at] ?? '') ? 2 : 1
  const name = argv[at]
  if (name === undefined) return undefined
  return catalog.find((entry) => entry.name === name || entry.alias === name)
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`
}
