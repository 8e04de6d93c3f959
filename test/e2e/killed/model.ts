// What a key must hold, as far as its answers tell: what was answered last, or what was asked for when the server died.

/** What was said of an object, and what its bytes are. */
export interface Content {
  readonly md5: string
  readonly size: number
  readonly etag: string
  readonly type: string
  readonly note: string
  /** How many. */
  readonly tags: number
}

/** A version; without content it is a delete marker. */
export interface Held {
  readonly version: string
  readonly content: Content | undefined
}

/** Newest first. */
export type State = readonly Held[]

/** What a request makes of a key, once it is known which version it made. */
export type Effect = (before: State, version: string) => State

export interface Key {
  readonly bucket: string
  readonly name: string
  readonly versioned: boolean
  state: State
  /** Of the request that has no answer. */
  pending: Effect | undefined
}

export function putting({ versioned }: Pick<Key, 'versioned'>, content: Content): Effect {
  return (before, version) => {
    if (!versioned) return [{ version, content }]
    // A completion that is asked for again answers with the version that it made at first.
    if (before.some((held) => held.version === version)) return before
    return [{ version, content }, ...before]
  }
}

export function removing({ versioned }: Pick<Key, 'versioned'>): Effect {
  return (before, version) => (versioned ? [{ version, content: undefined }, ...before] : [])
}

export function removingVersion(version: string): Effect {
  return (before) => before.filter((held) => held.version !== version)
}

/** The states that the key may be in: the first where nothing came of what has no answer. */
export function possible({ state, pending }: Key, found: State): readonly State[] {
  return pending ? [state, pending(state, found[0]?.version ?? 'none')] : [state]
}
