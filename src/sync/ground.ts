// On a disk a name is a file or a directory, and a directory goes only with all that is in it. So what becomes of one
// name may hang on what is decided of the names below it: such a decision waits until the order of names is past them.
import { compareKeys } from '../core/key.ts'
import type { Candidate, Decision } from './decide.ts'

export interface Step {
  readonly candidate: Candidate
  readonly decision: Decision
}

/** A name below which others may come. */
interface Open {
  readonly below: string
  /** What the destination has there, as far as it has come. */
  present: 'file' | 'directory' | undefined
  /** How that goes; undefined where it is to stay. */
  removal: Step | undefined
  /** Something below it stays, or comes. */
  holds: boolean
  /** A file of the source that is to be there. */
  readonly copy: Step | undefined
}

/** Takes decisions in the order of names. What waits lies on the way to the current name, and so is little. */
export class Ground {
  /** Outer names first. */
  readonly #open: Open[] = []
  readonly #deletes: boolean

  /** @param deletes whether what the source does not have gives place */
  constructor(deletes: boolean) {
    this.#deletes = deletes
  }

  /**
   * @param decision undefined: what is there is none of the run's business, and stays
   * @returns what is certain now
   */
  add(candidate: Candidate, decision: Decision | undefined): Step[] {
    const { name, target } = candidate
    const certain: Step[] = []
    this.#pass(name, certain)
    const step = decision && { candidate, decision }
    if (target?.kind === 'directory') this.#addDirectory(candidate, step, certain)
    else this.#addObject(candidate, step, certain)
    return certain
  }

  /** What is certain when there are no more names. */
  end(): Step[] {
    const certain: Step[] = []
    this.#pass(undefined, certain)
    return certain
  }

  #addDirectory(candidate: Candidate, step: Step | undefined, certain: Step[]): void {
    const { name, source, target } = candidate
    const above = this.#open.at(-1)
    const open = above?.below === name ? above : this.#opened(name)
    open.present = 'directory'
    if (source || !step || !target) open.holds = true
    else if (step.decision.do === 'remove') open.removal = step
    else if (this.#deletes) open.removal = { candidate, decision: { do: 'vacate', target } }
    if (step && source) certain.push(step)
  }

  #addObject(candidate: Candidate, step: Step | undefined, certain: Step[]): void {
    const { name, source, target } = candidate
    const removal = step?.decision.do === 'remove' ? step : undefined
    const over = this.#over(name)
    if (over && (source || (target && !removal))) over.holds = true
    if (target) {
      const open = this.#opened(`${name}/`)
      open.present = 'file'
      open.removal = removal
    }
    if (!step) return
    if (step.decision.do !== 'copy' || target) certain.push(step)
    else if (over?.present === 'file')
      certain.push(inPlaceOf('file', step, over.removal !== undefined))
    else if (name.endsWith('/')) certain.push(step)
    else this.#opened(`${name}/`, step)
  }

  #opened(below: string, copy?: Step): Open {
    const open = { below, present: undefined, removal: undefined, holds: false, copy }
    this.#open.push(open)
    return open
  }

  /** The innermost name that this one lies below. */
  #over(name: string): Open | undefined {
    return this.#open.findLast(({ below }) => name.startsWith(below))
  }

  /** Ends with the names below which nothing more can come. */
  #pass(name: string | undefined, certain: Step[]): void {
    for (;;) {
      const open = this.#open.at(-1)
      if (!open) return
      const { below } = open
      if (name !== undefined && (name.startsWith(below) || compareKeys(name, below) < 0)) return
      this.#open.pop()
      this.#close(open, certain)
    }
  }

  #close({ below, present, removal, holds, copy }: Open, certain: Step[]): void {
    if (present !== 'directory') {
      if (copy) certain.push(copy)
      return
    }
    const goes = removal !== undefined && !holds
    const over = this.#over(below)
    if (!goes && over) over.holds = true
    // Where directories are not kept, only those that are in the way are removed for themselves.
    if (goes && (removal.decision.do === 'remove' || copy || this.#isTaken(below)))
      certain.push(removal)
    if (copy) certain.push(inPlaceOf('directory', copy, goes))
  }

  /** Whether a file is to be where the name has a directory. */
  #isTaken(name: string): boolean {
    return this.#open.some(
      ({ below, present, copy }) => copy && present === 'directory' && name.startsWith(below),
    )
  }
}

function inPlaceOf(
  present: 'file' | 'directory',
  { candidate, decision }: Step,
  goes: boolean,
): Step {
  if (decision.do !== 'copy') return { candidate, decision }
  const { source } = decision
  return { candidate, decision: { do: goes ? 'replace' : 'blocked', source, present } }
}
