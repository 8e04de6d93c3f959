// Options of rsync, rclone and aws that have another name here: who types one is told.
const named: Readonly<Record<string, string>> = {
  '--checkers': '--jobs',
  '--copy-links': '--links copy',
  '--exclude-from': "--filter-from, with '- ' before each pattern",
  '--follow-symlinks': '--links copy',
  '--ignore-times': '--checksum',
  '--immutable': '--ignore-existing',
  '--include-from': "--filter-from, with '+ ' before each pattern",
  '--max-age': '--newer-than',
  '--min-age': '--older-than',
  '--no-follow-symlinks': '--links skip',
  '--s3-storage-class': '--storage-class',
  '--transfers': '--jobs',
}

/** What to type instead, where the command has it, of commander's words about an option that it does not know. */
export function nameHere(
  message: string,
  options: readonly { readonly long?: string | undefined }[],
): string | undefined {
  const option = /unknown option '([^'=]*)/.exec(message)?.[1] ?? ''
  const name = Object.hasOwn(named, option) ? named[option] : undefined
  return options.some(({ long }) => long === name?.split(/[ ,]/)[0]) ? name : undefined
}
