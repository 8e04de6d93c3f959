// What names git and Docker can have.

/** Other names, which object stores may have, mean nothing in their forms. A directory's ends in `/`. */
export function isPlainPath(name: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(name.endsWith('/') ? name.slice(0, -1) : name)
}
