// Reads JSON strictly: each failure names its field.
import { HawserError } from './errors.ts'

interface Plain {
  readonly string: string
  readonly boolean: boolean
  readonly number: number
}

/** The fields of a JSON object, each asked for once; `done` refuses what nobody asked for. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #refuse: (why: string) => HawserError
  readonly #asked = new Set<string>()

  constructor(value: unknown, path: string, refuse: (why: string) => HawserError) {
    if (!isRecord(value)) throw refuse(`${path || 'the file'} is not an object`)
    this.#fields = value
    this.#path = path
    this.#refuse = refuse
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name)
  }

  must(name: string, expected: unknown): void {
    if (this.#ask(name) !== expected) throw this.wrong(name, `is not ${JSON.stringify(expected)}`)
  }

  text(name: string): string {
    const value = this.#ask(name)
    if (typeof value !== 'string' || value === '') throw this.wrong(name, 'is not a text')
    return value
  }

  texts(name: string): string[] {
    const value = this.#ask(name)
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      throw this.wrong(name, 'is not a list of texts')
    return value
  }

  date(name: string): string {
    const value = this.text(name)
    if (!/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value)))
      throw this.wrong(name, 'is not a date such as 2026-06-20')
    return value
  }

  is(name: string, value: unknown): boolean {
    return this.#fields[name] === value
  }

  names(): string[] {
    return Object.keys(this.#fields)
  }

  /** Undefined where it is missing. A number is whole, and zero or more. */
  optional<K extends keyof Plain>(name: string, kind: K): Plain[K] | undefined {
    if (!this.has(name)) return undefined
    const value = this.#ask(name)
    if (!isOfKind(value, kind)) throw this.wrong(name, `is not a ${kind}`)
    return value
  }

  /** As optional, where it must be there. */
  given<K extends keyof Plain>(name: string, kind: K): Plain[K] {
    const value = this.optional(name, kind)
    if (value === undefined) throw this.wrong(name, 'is missing')
    return value
  }

  /** Zero or more. */
  number(name: string, initial?: number): number {
    if (initial !== undefined && !this.has(name)) return initial
    const value = this.#ask(name)
    if (typeof value !== 'number' || !(value >= 0 && value < Infinity))
      throw this.wrong(name, 'is not a number of zero or more')
    return value
  }

  object(name: string): Fields {
    return new Fields(this.#ask(name), this.#pathOf(name), this.#refuse)
  }

  items(name: string): Fields[] {
    const value = this.#ask(name)
    if (!Array.isArray(value)) throw this.wrong(name, 'is not a list')
    return value.map(
      (item, index) => new Fields(item, `${this.#pathOf(name)}[${index}]`, this.#refuse),
    )
  }

  /** Of an object whose fields are names. */
  each<T>(name: string, read: (fields: Fields) => T): [name: string, read: T][] {
    const named = this.object(name)
    return Object.keys(named.#fields).map((key) => [key, read(named.object(key))])
  }

  done(): void {
    for (const name of Object.keys(this.#fields))
      if (!this.#asked.has(name)) throw this.wrong(name, 'is no field that is known')
  }

  wrong(name: string, what: string): HawserError {
    return this.#refuse(`${this.#pathOf(name)} ${what}`)
  }

  #ask(name: string): unknown {
    this.#asked.add(name)
    if (!this.has(name)) throw this.wrong(name, 'is missing')
    return this.#fields[name]
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }
}

function isOfKind<K extends keyof Plain>(value: unknown, kind: K): value is Plain[K] {
  return (
    typeof value === kind &&
    (kind !== 'number' || (Number.isSafeInteger(value) && Number(value) >= 0))
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
