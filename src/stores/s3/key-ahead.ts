// Guesses a key that lies some way behind those that a listing has come to: from how far its keys went so far. A wrong
// guess costs time, never a key: the listing is right whatever is guessed.
import { compareKeys, isKey, type Key } from '../../core/key.ts'

/** How much of a key, behind the prefix of the listing, is looked at. */
const longest = 64
/** Of so many keys, one is looked at. */
const every = 16

/** What characters keys have at each place. A key that ends has the empty one behind its end. */
export class KeyShape {
  readonly #prefix: Key
  readonly #places: Set<string>[] = []
  #seen = false

  constructor(prefix: Key) {
    this.#prefix = prefix
  }

  /** Notes some of the keys, which are in order; the first and the last among them. */
  add(keys: readonly { readonly key: Key }[]): void {
    for (const [index, { key }] of keys.entries())
      if (index % every === 0 || index === keys.length - 1) this.#add(key)
  }

  /**
   * The key that comes as many times `factor` behind `last` as that comes behind `first`, if keys go on as they did.
   * Undefined where none can be told.
   */
  ahead(first: Key, last: Key, factor: number): Key | undefined {
    const alphabets = this.#alphabets()
    const [from, to] = [this.#number(first, alphabets), this.#number(last, alphabets)]
    if (to <= from) return undefined
    let rest = to + ((to - from) * BigInt(Math.round(factor * 1000))) / 1000n
    const characters: string[] = []
    for (const alphabet of alphabets.toReversed()) {
      const size = BigInt(alphabet.length)
      characters.push(alphabet[Number(rest % size)] ?? '')
      rest /= size
    }
    if (rest > 0n) return undefined
    const reversed = characters.toReversed()
    const end = reversed.indexOf('')
    const text = this.#prefix + reversed.slice(0, end < 0 ? undefined : end).join('')
    return isKey(text) && isPlain(text) && compareKeys(text, last) > 0 ? text : undefined
  }

  #add(key: Key): void {
    const characters = this.#characters(key)
    while (this.#places.length < characters.length)
      // The keys before this one ended before this place.
      this.#places.push(new Set(this.#seen ? [''] : []))
    for (const [place, seen] of this.#places.entries()) seen.add(characters[place] ?? '')
    this.#seen = true
  }

  #characters(key: Key): string[] {
    const { length } = this.#prefix
    return Array.from(key.slice(length, length + 2 * longest)).slice(0, longest)
  }

  /** Of each place, in order. Where keys have not differed yet, they may do as they did further on. */
  #alphabets(): string[][] {
    const varies = this.#places.findIndex((seen) => seen.size > 1)
    const used = new Set(this.#places.flatMap((seen) => (seen.size > 1 ? [...seen] : [])))
    const all = wholeClasses(used)
    return this.#places.map((seen, place) => {
      const [only = ''] = seen
      if (place > varies) return sorted(seen)
      if (place === varies) return sorted(wholeClasses(seen))
      return all.has(only) && only !== '' ? sorted([...all].filter((one) => one !== '')) : [only]
    })
  }

  #number(key: Key, alphabets: readonly (readonly string[])[]): bigint {
    const characters = this.#characters(key)
    let number = 0n
    for (const [place, alphabet] of alphabets.entries())
      number =
        number * BigInt(alphabet.length) +
        BigInt(Math.max(0, alphabet.indexOf(characters[place] ?? '')))
    return number
  }
}

const classes = ['0123456789', 'abcdef', 'ABCDEF', 'ghijklmnopqrstuvwxyz', 'GHIJKLMNOPQRSTUVWXYZ']

/** With each digit all digits, with each letter all letters like it. */
function wholeClasses(seen: ReadonlySet<string>): Set<string> {
  const whole = new Set(seen)
  for (const one of classes)
    if ([...seen].some((character) => character !== '' && one.includes(character)))
      for (const character of one) whole.add(character)
  return whole
}

function sorted(characters: Iterable<string>): string[] {
  return [...characters].toSorted(compareKeys)
}

/** Some services stumble over others. */
function isPlain(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return !/[\u0000-\u001f\u007f\ufffe\uffff]/.test(text)
}
