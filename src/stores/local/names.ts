// Names of users and groups, as the machine's own files tell them, read once. Directories elsewhere on the network
// (LDAP) are not asked: who is known only there goes by number.
import { readFileSync } from 'node:fs'

/** Numbers by names, and names by numbers. */
export class Names {
  readonly #ids = new Map<string, number>()
  readonly #names = new Map<number, string>()

  /** @param text lines of `name:x:number:…`, as /etc/passwd and /etc/group have them; the first of two counts */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [name = '', , digits = ''] = line.split(':')
      if (name === '' || /^[#+-]/.test(name) || !/^\d{1,10}$/.test(digits)) continue
      const id = Number(digits)
      if (!this.#ids.has(name)) this.#ids.set(name, id)
      if (!this.#names.has(id)) this.#names.set(id, name)
    }
  }

  nameOf(id: number | undefined): string | undefined {
    return id === undefined ? undefined : this.#names.get(id)
  }

  /** Whose name it is; a number that is nobody's name stands for itself. */
  idOf(name: string): number | undefined {
    return this.#ids.get(name) ?? (/^\d{1,9}$/.test(name) ? Number(name) : undefined)
  }
}

let known: { readonly users: Names; readonly groups: Names } | undefined

export function machineNames(): { readonly users: Names; readonly groups: Names } {
  known ??= { users: namesIn('/etc/passwd'), groups: namesIn('/etc/group') }
  return known
}

function namesIn(path: string): Names {
  try {
    return new Names(readFileSync(path, 'utf8'))
  } catch {
    return new Names('') // Windows, and containers without users
  }
}
