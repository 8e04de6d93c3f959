// Serves a directory as S3 until it is killed: serve-s3.ts DIRECTORY, with the users MAIN and OTHER (`key secret`).
import { Secret } from '../../../src/core/secret.ts'
import { serveS3 } from '../../../src/serve/server.ts'
import { localStore } from '../../../src/stores/local/store.ts'

const [directory = ''] = process.argv.slice(2)
const credentials = [user('MAIN'), user('OTHER')]
const { url } = await serveS3(localStore(directory), { port: 0, credentials })
process.stdout.write(`ready ${url}\n`)

function user(name: string): { accessKeyId: string; secretAccessKey: Secret } {
  const [accessKeyId = '', secret = ''] = (process.env[name] ?? '').split(' ')
  return { accessKeyId, secretAccessKey: new Secret(secret) }
}
