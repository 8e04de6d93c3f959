// A pattern of a `.dockerignore`, as patterns of git's form that are tied to the root: it differs in what `**` is beside
// other characters, and in what may stand in brackets.
import { expressionOf } from './expression.ts'
import { parseGlob } from './glob.ts'

/** Undefined for what is not valid, or stands for too many. */
export function dockerTest(pattern: string): ((path: string) => boolean) | undefined {
  if (!valid.test(pattern)) return undefined
  const expressions: RegExp[] = []
  for (const form of gitForms(pattern)) {
    const glob = parseGlob(form, 'git')
    if (!glob || expressions.length === mostForms) return undefined
    expressions.push(expressionOf(glob.pieces))
  }
  return (path) => expressions.some((expression) => expression.test(path))
}

const mostForms = 16

/** As Go's `filepath.Match` takes it: a bracket has at least one member, and `-` and `]` only after a backslash. */
const valid = /^(?:\\.|[^\\[]|\[(?!\^?\])\^?(?:(?:\\.|[^\\\]-])(?:-(?:\\.|[^\\\]-]))?)+\])+$/su

/** Its `**` is nothing, or any characters up to a `/`; one after it belongs to it. */
function gitForms(pattern: string): readonly string[] {
  // All that ends so: it is not asked where a part begins.
  if (/^\*\*[^/*?\\[\]][^*?\\[\]]*$/s.test(pattern)) return [`**/*${pattern.slice(2)}`]
  const tokens = pattern.match(/\\.|\[(?:\\.|[^\\\]])+\]|\*\*\/?|[^]/gsu) ?? []
  let forms = ['']
  for (const [i, token] of tokens.entries()) {
    const isLast = i === tokens.length - 1
    if (token.startsWith('**')) forms = forms.flatMap((form) => withDeep(form, isLast))
    // A `!` in brackets is one of them.
    else forms = forms.map((form) => form + token.replace(/^\[!/, '[\\!'))
    if (forms.length > mostForms) break
  }
  return forms
}

/** What is below a directory that fits is left out with it: at the end a `*` does. */
function withDeep(form: string, isLast: boolean): string[] {
  if (form === '' || form.endsWith('/')) return [`${form}**${isLast ? '' : '/'}`]
  return isLast ? [`${form}*`] : [form, `${form}*/**/`]
}
