// Who signs: credentials, and where they come from: given, the environment, or the shared files of AWS's tools.
//
// The environment and the home directory are arguments: only the configuration reads the process's own.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HawserError } from '../../core/errors.ts'
import { Secret } from '../../core/secret.ts'
import { errorCode, interrupted } from './failures.ts'
import { MalformedIni, parseIni } from './ini.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Secret
  readonly sessionToken?: Secret | undefined
  readonly expires?: Date | undefined
}

/** Asked before each request: answers from memory as long as it may. */
export type CredentialProvider = (signal?: AbortSignal) => Promise<Credentials>

type Environment = Readonly<Record<string, string | undefined>>
type Settings = ReadonlyMap<string, string>

/** What a profile of the shared files says. */
export interface SharedConfig {
  readonly credentials?: Credentials | undefined
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  /** The setting by which a profile without keys would get its credentials in a way that is not known here. */
  readonly unsupported?: string | undefined
}

export interface CredentialSources {
  /** Given by the caller: before all others. */
  readonly explicit?: Credentials | undefined
  /** Named by the caller: its keys come before those of the environment. */
  readonly profile?: string | undefined
  readonly environment: Environment
  readonly shared: SharedConfig
}

const op = 'credentials'

/**
 * The credentials to use, in the order of AWS's own tools.
 * @throws HawserError unauthenticated where there are none, unsupported where the profile gets its own in a way that is
 * not known here, invalid-config where an access key comes without its secret
 */
export function chooseCredentials(sources: CredentialSources): Credentials {
  const { explicit, profile, environment, shared } = sources
  const named = profile === undefined ? undefined : shared.credentials
  const found =
    explicit ?? named ?? (profile === undefined ? environmentCredentials(environment) : undefined)
  if (found) return found
  if (shared.credentials) return shared.credentials
  if (shared.unsupported !== undefined)
    throw new HawserError('unsupported', `credentials by ${shared.unsupported} are not supported`, {
      op,
      hint: 'Have the AWS CLI put them into the environment: eval "$(aws configure export-credentials --format env)".',
    })
  throw new HawserError('unauthenticated', 'no credentials found', {
    op,
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or use --no-sign-request for public data.',
  })
}

/** @throws HawserError invalid-config where only one half of the keys is set */
export function environmentCredentials(environment: Environment): Credentials | undefined {
  return fromPair(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
    'the environment',
    ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  )
}

/**
 * What the shared files say of a profile: of the one given, else of AWS_PROFILE, else `default`. Files that do not exist
 * say nothing; keys of the credentials file come before those of the config file.
 * @throws HawserError invalid-config for a malformed file, and for a profile asked for by name that is in neither;
 * local-io for a file that cannot be read; interrupted
 */
export async function sharedConfig(
  profile: string | undefined,
  environment: Environment,
  home: string | undefined,
  signal?: AbortSignal,
): Promise<SharedConfig> {
  const wanted =
    profile ?? (environment['AWS_PROFILE'] || environment['AWS_DEFAULT_PROFILE'] || undefined)
  const name = wanted ?? 'default'
  const paths = {
    credentials: pathOf(environment['AWS_SHARED_CREDENTIALS_FILE'], home, 'credentials'),
    config: pathOf(environment['AWS_CONFIG_FILE'], home, 'config'),
  }
  const own = await readSections(paths.credentials, signal, (section) => section === name)
  const config = await readSections(paths.config, signal, (section) => isProfile(section, name))
  if (wanted !== undefined && !own && !config)
    throw new HawserError('invalid-config', `there is no profile ${JSON.stringify(name)}`, {
      op,
      hint: `Looked for it in ${[paths.credentials, paths.config].filter(Boolean).join(' and ') || 'no file: there is no home directory'}.`,
    })
  const setting = (key: string): string | undefined =>
    config?.get(key) || own?.get(key) || undefined
  const credentials = fromFile(own, paths.credentials) ?? fromFile(config, paths.config)
  return {
    credentials,
    region: setting('region'),
    endpoint: setting('endpoint_url'),
    unsupported: credentials ? undefined : otherWays.find((key) => setting(key) !== undefined),
  }
}

/** Settings by which a profile may get its credentials, besides keys of its own. */
const otherWays = [
  'role_arn',
  'sso_session',
  'sso_start_url',
  'credential_process',
  'web_identity_token_file',
  'login_session',
]

function pathOf(
  given: string | undefined,
  home: string | undefined,
  name: string,
): string | undefined {
  if (given && home !== undefined && given.startsWith('~/')) return join(home, given.slice(2))
  return given || (home === undefined ? undefined : join(home, '.aws', name))
}

/** `[profile x]`, `[profile "x"]`; `default` also without the word. */
function isProfile(section: string, name: string): boolean {
  if (section === name) return name === 'default'
  const [, quoted, plain] = /^profile\s+(?:"([^"]*)"|(.+))$/.exec(section) ?? []
  return (quoted ?? plain) === name
}

/** The settings of the sections that match, together; undefined where none does, or the file is not there. */
async function readSections(
  path: string | undefined,
  signal: AbortSignal | undefined,
  matches: (section: string) => boolean,
): Promise<Settings | undefined> {
  if (path === undefined) return undefined
  const text = await readText(path, signal)
  try {
    const found = parseIni(text)
      .entries()
      .filter(([section]) => matches(section))
      .toArray()
    return found.length === 0 ? undefined : new Map(found.flatMap(([, settings]) => [...settings]))
  } catch (error) {
    if (!(error instanceof MalformedIni)) throw error
    throw new HawserError('invalid-config', `${path}:${error.line}: ${error.message}`, { op })
  }
}

/** Nothing where the file does not exist. */
async function readText(path: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    if (signal?.aborted) throw interrupted(signal)
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return ''
    throw new HawserError('local-io', `${path} cannot be read (${errorCode(error)})`, {
      op,
      cause: error,
    })
  }
}

function fromFile(
  settings: Settings | undefined,
  path: string | undefined,
): Credentials | undefined {
  return fromPair(
    settings?.get('aws_access_key_id'),
    settings?.get('aws_secret_access_key'),
    settings?.get('aws_session_token'),
    path ?? '',
    ['aws_access_key_id', 'aws_secret_access_key'],
  )
}

/** Empty counts as absent. The access key ID goes into a header as it is: what could not, is refused. */
function fromPair(
  id: string | undefined,
  secret: string | undefined,
  token: string | undefined,
  source: string,
  [idName, secretName]: readonly [string, string],
): Credentials | undefined {
  if (!id && !secret) return undefined
  if (!id || !secret)
    throw new HawserError(
      'invalid-config',
      `${source} has ${id ? idName : secretName} but not ${id ? secretName : idName}`,
      { op },
    )
  if (!/^[\x21-\x7e]+$/.test(id))
    throw new HawserError('invalid-config', `${idName} of ${source} is not an access key`, { op })
  if (token && !/^[\x21-\x7e]+$/.test(token))
    throw new HawserError('invalid-config', `the session token of ${source} is not one`, { op })
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...(token && { sessionToken: new Secret(token) }),
  }
}
