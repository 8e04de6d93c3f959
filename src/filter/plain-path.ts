// What the libraries for `.gitignore` and `.dockerignore` can be asked.

/** Both libraries keep what they said of every name; after so many they are begun anew. */
export const keptNames = 4096

/** Other names, which object stores may have, mean nothing in these forms. A directory's ends in `/`. */
export function isPlainPath(name: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(name.endsWith('/') ? name.slice(0, -1) : name)
}
