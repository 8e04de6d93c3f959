// rclone, with a remote from the environment.
import type { ClientCommand } from '../../servers/clients.ts'
import type { S3Endpoint } from '../../servers/s3.ts'
import { output, withEnvironment, type MakeClient } from './client.ts'

/** The program, with the endpoint as the remote `t:`. */
export function rcloneCommand(
  client: ClientCommand,
  endpoint: S3Endpoint,
  home: string,
): ClientCommand {
  return withEnvironment(client, {
    HOME: home,
    RCLONE_CONFIG: '/notfound',
    RCLONE_CONFIG_T_TYPE: 's3',
    RCLONE_CONFIG_T_PROVIDER: 'Other',
    RCLONE_CONFIG_T_ACCESS_KEY_ID: endpoint.accessKeyId,
    RCLONE_CONFIG_T_SECRET_ACCESS_KEY: endpoint.secretAccessKey,
    RCLONE_CONFIG_T_ENDPOINT: endpoint.url,
    RCLONE_CONFIG_T_REGION: endpoint.region,
    RCLONE_CONFIG_T_UPLOAD_CUTOFF: '8M',
    RCLONE_CONFIG_T_COPY_CUTOFF: '8M',
  })
}

export const rclone: MakeClient = (client, endpoint, home) => {
  const command = rcloneCommand(client, endpoint, home)
  const run = (...argv: string[]): Promise<string> => output(command, ['--quiet', ...argv])
  return {
    async makeBucket(bucket) {
      await run('mkdir', `t:${bucket}`)
    },
    async upload(directory, bucket) {
      await run('sync', directory, `t:${bucket}`)
      await run('check', '--download', directory, `t:${bucket}`)
    },
    async download(bucket, directory) {
      await run('sync', `t:${bucket}`, directory)
    },
    async list(bucket) {
      const found: { Path: string; Size: number }[] = JSON.parse(
        await run('lsjson', '--recursive', '--files-only', '--no-modtime', `t:${bucket}`),
      )
      return new Map(found.map(({ Path, Size }) => [Path, Size]))
    },
    async empty(bucket) {
      await run('delete', `t:${bucket}`)
    },
    async removeBucket(bucket) {
      await run('rmdir', `t:${bucket}`)
    },
    async put(file, bucket, key, { contentType, note }) {
      const facts = [`content-type=${contentType}`, `note=${note}`]
      const given = facts.flatMap((fact) => ['--metadata-set', fact])
      await run('copyto', '--metadata', ...given, file, `t:${bucket}/${key}`)
    },
    async copy(bucket, from, to) {
      await run('copyto', `t:${bucket}/${from}`, `t:${bucket}/${to}`)
    },
    async facts(bucket, key) {
      const found: { Metadata: Record<string, string> } = JSON.parse(
        await run('lsjson', '--stat', '--metadata', `t:${bucket}/${key}`),
      )
      return {
        contentType: found.Metadata['content-type'] ?? '',
        note: found.Metadata['note'] ?? '',
      }
    },
    async presign(bucket, key) {
      const url = await run('link', '--expire', '1h', `t:${bucket}/${key}`)
      return [{ method: 'GET', url: url.trim() }]
    },
  }
}
