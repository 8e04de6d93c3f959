// A number of things, as people say it: `1 object`, `2,000 objects`.

export function countOf(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}
