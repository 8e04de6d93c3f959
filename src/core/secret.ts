// A value that never shows itself: not in logs, JSON, errors or the inspector.
import { inspect } from 'node:util'

export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** The value, for the one place that needs it. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  static {
    Object.defineProperty(this.prototype, inspect.custom, { value: () => '[secret]' })
  }
}
