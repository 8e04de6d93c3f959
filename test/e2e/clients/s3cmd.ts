// s3cmd. It signs requests by Signature V4, but addresses for others only by V2.
import { output, parseSizes, withEnvironment, type MakeClient } from './client.ts'

export const s3cmd: MakeClient = (client, endpoint, home) => {
  const command = withEnvironment(client, {
    HOME: home,
    AWS_ACCESS_KEY_ID: endpoint.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.secretAccessKey,
  })
  const { host } = new URL(endpoint.url)
  const options = ['--config=/dev/null', '--no-ssl', '--no-progress']
  const where = [`--host=${host}`, `--host-bucket=${host}`, `--region=${endpoint.region}`]
  const run = (...argv: string[]): Promise<string> =>
    output(command, [...options, ...where, ...argv])
  return {
    async makeBucket(bucket) {
      await run('mb', `s3://${bucket}`)
    },
    async upload(directory, bucket) {
      await run('sync', `${directory}/`, `s3://${bucket}/`)
    },
    async download(bucket, directory) {
      await run('sync', `s3://${bucket}/`, `${directory}/`)
    },
    async list(bucket) {
      const listing = await run('ls', '--recursive', `s3://${bucket}/`)
      return parseSizes(listing, /^\S+ \S+ +(\d+) +s3:\/\/[^/]+\/(.+)$/)
    },
    async empty(bucket) {
      await run('del', '--recursive', '--force', `s3://${bucket}/`)
    },
    async removeBucket(bucket) {
      await run('rb', `s3://${bucket}`)
    },
    async put(file, bucket, key, { contentType, note }) {
      const facts = [`--mime-type=${contentType}`, `--add-header=x-amz-meta-note:${note}`]
      await run('put', ...facts, file, `s3://${bucket}/${key}`)
    },
    async copy(bucket, from, to) {
      await run('cp', `s3://${bucket}/${from}`, `s3://${bucket}/${to}`)
    },
    async facts(bucket, key) {
      const info = await run('info', `s3://${bucket}/${key}`)
      const [, contentType = ''] = /^ +MIME type: (.*)$/m.exec(info) ?? []
      const [, note = ''] = /^ +x-amz-meta-note: (.*)$/m.exec(info) ?? []
      return { contentType, note }
    },
    async presign(bucket, key) {
      const url = await run('signurl', `s3://${bucket}/${key}`, '+3600')
      return [{ method: 'GET', url: url.trim() }]
    },
  }
}
