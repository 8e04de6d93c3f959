// One option of the command: how it is written, what it accepts, what it is when nobody says. Values come from the
// flag, else from the environment, else from the default. (A configuration file will stand between the last two.)
import { HawserError } from '../core/errors.ts'
import type { Environment } from './environment.ts'
import { parseDuration, parseSize } from './units.ts'

export interface OptionSpec<T> {
  /** As help shows it: `-j, --jobs <n>`. */
  readonly flags: string
  readonly summary: string
  /** What help shows it under; the caller's own heading where undefined. */
  readonly heading?: string | undefined
  readonly kind: 'flag' | 'count' | 'value' | 'list'
  readonly initial: T
  /** What its `--no-` form does, where it has one. */
  readonly negation: string | undefined
  /** @throws HawserError invalid-argument naming the option and what it accepts */
  readonly parse: (text: string, name: string) => T
  /** Of a list: the options that it is made of. */
  readonly members?: readonly ListMember[] | undefined
  /** Of a list: what was given, in its order. */
  readonly parseAll?: ((given: readonly Occurrence[]) => T) | undefined
}

/** An option that adds to a list. */
export interface ListMember {
  /** As help shows it: `--exclude <pattern>`. */
  readonly flags: string
  readonly summary: string
}

/** One option of a list as it was given. */
export interface Occurrence {
  /** Without its dashes: `exclude`. */
  readonly option: string
  readonly value: string
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>
export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends OptionSpec<infer T> ? T : never
}
/** The specs of options whose values are these. */
export type SpecsOf<V> = { readonly [K in keyof V]: OptionSpec<V[K]> }
/** What was given on the command line, by the option's name in camel case. */
export type RawOptions = Readonly<Record<string, string | boolean | number | readonly Occurrence[]>>

/** The same options under a heading of their own. */
export function under<S extends OptionSpecs>(heading: string, specs: S): S {
  const moved = { ...specs }
  for (const name in moved) moved[name] = { ...moved[name], heading }
  return moved
}

/** A switch. */
export function flag(flags: string, summary: string): OptionSpec<boolean> {
  return { flags, summary, kind: 'flag', initial: false, negation: undefined, parse: parseSwitch }
}

/** A switch that has a `--no-` form and a third state: not said. */
export function choiceFlag(
  flags: string,
  summary: string,
  negation: string,
): OptionSpec<boolean | undefined> {
  return { flags, summary, kind: 'flag', initial: undefined, negation, parse: parseSwitch }
}

/** A switch that may be repeated: how often. */
export function count(flags: string, summary: string): OptionSpec<number> {
  return { flags, summary, kind: 'count', initial: 0, negation: undefined, parse: whole(0, 9) }
}

export function text(flags: string, summary: string): OptionSpec<string | undefined> {
  return value(flags, summary, undefined, 'some text', (given) => given || undefined)
}

export function oneOf<const T extends string>(
  flags: string,
  summary: string,
  choices: readonly [T, ...T[]],
): OptionSpec<T> {
  const accepted = either(choices)
  return value<T>(flags, summary, choices[0], accepted, (given) =>
    choices.find((choice) => choice === given),
  )
}

/** As oneOf, and undefined where it is not said. */
export function oneOfOrNone<const T extends string>(
  flags: string,
  summary: string,
  choices: readonly [T, ...T[]],
): OptionSpec<T | undefined> {
  const accepted = either(choices)
  return value<T | undefined>(flags, summary, undefined, accepted, (given) =>
    choices.find((choice) => choice === given),
  )
}

/** `a, b or c`. */
function either(choices: readonly string[]): string {
  const last = choices.at(-1) ?? ''
  return choices.length > 1 ? `${choices.slice(0, -1).join(', ')} or ${last}` : last
}

export function integer<T extends number | undefined>(
  flags: string,
  summary: string,
  initial: T,
  range: { readonly min: number; readonly max: number },
): OptionSpec<number | T> {
  const parse = whole(range.min, range.max)
  return { flags, summary, kind: 'value', initial, negation: undefined, parse }
}

/** A size in bytes. */
export function size(
  flags: string,
  summary: string,
  range: { readonly min: number; readonly max: number; readonly accepted: string },
): OptionSpec<number | undefined> {
  return value(flags, summary, undefined, range.accepted, (given) => {
    const bytes = parseSize(given)
    return bytes !== undefined && bytes >= range.min && bytes <= range.max ? bytes : undefined
  })
}

/** Milliseconds. */
export function duration(flags: string, summary: string): OptionSpec<number | undefined> {
  const accepted = 'a time above zero, such as 30s, 5m or 1h'
  return value(flags, summary, undefined, accepted, (given) => parseDuration(given) || undefined)
}

/** An option with a value of the command's own form; `read` gives undefined for what it does not accept. */
export function value<T>(
  flags: string,
  summary: string,
  initial: T,
  accepted: string,
  read: (given: string) => T | undefined,
): OptionSpec<T> {
  const parse = (given: string, name: string): T => {
    const result = read(given)
    if (result === undefined) throw refused(name, accepted, given)
    return result
  }
  return { flags, summary, kind: 'value', initial, negation: undefined, parse }
}

/**
 * Options that may be repeated, alone or several that keep their order among each other. In the environment each may
 * stand once, under its own name.
 * @param read gives undefined for what an option does not accept
 */
export function list<T>(
  members: readonly ListMember[],
  accepted: string,
  read: (given: Occurrence) => T | undefined,
): OptionSpec<readonly T[]> {
  const parseOne = (given: Occurrence, name: string): T => {
    const result = read(given)
    if (result === undefined) throw refused(name, accepted, given.value)
    return result
  }
  return {
    flags: members.map(({ flags }) => flags).join(', '),
    summary: '',
    kind: 'list',
    initial: [],
    negation: undefined,
    parse: (given, name) => [parseOne({ option: longOf(name), value: given }, name)],
    members,
    parseAll: (given) => given.map((one) => parseOne(one, `--${one.option}`)),
  }
}

/** `part-size` of `--part-size <size>` and of `-p, --part-size <size>`. */
export function longOf(flags: string): string {
  return /--([a-z0-9-]+)/.exec(flags)?.[1] ?? flags
}

/** The values of all options: flags, then environment (where one is given), then defaults. */
export function resolveOptions<S extends OptionSpecs>(
  specs: S,
  given: RawOptions,
  environment: Environment = {},
): OptionValues<S> {
  const values: Record<string, unknown> = {}
  for (const [name, spec] of Object.entries(specs))
    values[name] =
      fromFlag(spec, name, given[name]) ?? fromEnvironment(spec, name, environment) ?? spec.initial
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each name got what its own spec parsed
  return values as OptionValues<S>
}

function fromFlag(spec: OptionSpec<unknown>, name: string, given: RawOptions[string] | undefined) {
  if (typeof given === 'object') return spec.parseAll?.(given)
  return typeof given === 'string' ? spec.parse(given, `--${kebab(name)}`) : given
}

function fromEnvironment(spec: OptionSpec<unknown>, name: string, environment: Environment) {
  if (spec.members) return listFromEnvironment(spec, spec.members, environment)
  const variable = variableOf(name)
  const said = environment[variable]
  if (said !== undefined && said !== '') return spec.parse(said, variable)
  if (spec.negation === undefined) return undefined
  const negation = variableOf(`no-${name}`)
  const denied = environment[negation]
  return denied ? !parseSwitch(denied, negation) : undefined
}

function listFromEnvironment(
  spec: OptionSpec<unknown>,
  members: readonly ListMember[],
  environment: Environment,
) {
  const given = members.flatMap(({ flags }) => {
    const option = longOf(flags)
    const said = environment[variableOf(option)]
    return said === undefined || said === '' ? [] : [{ option, value: said }]
  })
  return given.length === 0 ? undefined : spec.parseAll?.(given)
}

/** The environment variable that stands for an option: `HAWSER_PART_SIZE` for `partSize`. */
export function variableOf(name: string): string {
  return `HAWSER_${kebab(name).replaceAll('-', '_').toUpperCase()}`
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function parseSwitch(given: string, name: string): boolean {
  if (/^(?:1|true|yes|on)$/i.test(given)) return true
  if (/^(?:0|false|no|off)$/i.test(given)) return false
  throw refused(name, '1 or 0', given)
}

function whole(min: number, max: number): (given: string, name: string) => number {
  return (given, name) => {
    const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
    if (number >= min && number <= max) return number
    throw refused(name, `a whole number from ${min} to ${max}`, given)
  }
}

function refused(name: string, accepted: string, given: string): HawserError {
  return new HawserError(
    'invalid-argument',
    `${name} takes ${accepted}, not ${JSON.stringify(given)}`,
    { op: 'options' },
  )
}
