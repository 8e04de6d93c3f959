// What a server tells once it listens: where it is, and what clients need.
import type { Outcome } from '../command.ts'
import { jsonLine } from './records.ts'
import { escapeControls } from './text.ts'

type Server = Outcome & { kind: 'server' }

/** The indented lines can be pasted into a shell. `quiet` leaves what nobody could do without. */
export function serverLines(server: Server, quiet: boolean): string {
  const { url, region, address, isNew, credentials, anonymous, readOnly } = server
  const keys: string[] = []
  if (credentials) {
    const { accessKeyId, secretAccessKey } = credentials
    const secret = secretAccessKey.reveal()
    keys.push(`  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secret}`)
  }
  if (quiet) return asText(keys)
  const what = `${escapeControls(address)}${isNew ? ' (new)' : ''}`
  return asText([
    `serving ${what} at ${url}; Ctrl-C ends it`,
    ...(readOnly ? ['Nothing can be changed through it.'] : []),
    ...(anonymous ? [`Everybody may read: curl ${url}/BUCKET/KEY`] : []),
    'In the shells of its clients:',
    `  export AWS_ENDPOINT_URL=${url} AWS_REGION=${region}`,
    ...keys,
  ])
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** A line of JSON, with its line break. */
export function serverRecord(server: Server): string {
  const { url, region, address, credentials, anonymous, readOnly } = server
  const made = credentials && {
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey.reveal(),
  }
  return `${jsonLine({ type: 'server', url, region, address, anonymous, readOnly, ...made })}\n`
}
