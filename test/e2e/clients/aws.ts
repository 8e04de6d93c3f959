// aws-cli.
import { awsEnvironment, output, parseSizes, withEnvironment, type MakeClient } from './client.ts'

export const awsCli: MakeClient = (client, endpoint, home) => {
  const aws = withEnvironment(client, awsEnvironment(endpoint, home))
  const run = (...argv: string[]): Promise<string> => output(aws, argv)
  return {
    async makeBucket(bucket) {
      await run('s3', 'mb', `s3://${bucket}`)
    },
    async upload(directory, bucket) {
      await run('s3', 'sync', '--only-show-errors', directory, `s3://${bucket}`)
    },
    async download(bucket, directory) {
      await run('s3', 'sync', '--only-show-errors', `s3://${bucket}`, directory)
    },
    async list(bucket) {
      return parseSizes(
        await run('s3', 'ls', '--recursive', `s3://${bucket}`),
        /^\S+ \S+ +(\d+) (.+)$/,
      )
    },
    async empty(bucket) {
      await run('s3', 'rm', '--recursive', '--only-show-errors', `s3://${bucket}`)
    },
    async removeBucket(bucket) {
      await run('s3', 'rb', `s3://${bucket}`)
    },
    async put(file, bucket, key, { contentType, note }) {
      const facts = ['--content-type', contentType, '--metadata', JSON.stringify({ note })]
      await run('s3', 'cp', '--only-show-errors', ...facts, file, `s3://${bucket}/${key}`)
    },
    async copy(bucket, from, to) {
      const where = [`s3://${bucket}/${from}`, `s3://${bucket}/${to}`]
      await run('s3', 'cp', '--only-show-errors', ...where)
    },
    async facts(bucket, key) {
      const argv = ['--bucket', bucket, '--key', key, '--output', 'json']
      const head: { ContentType: string; Metadata: { note: string } } = JSON.parse(
        await run('s3api', 'head-object', ...argv),
      )
      return { contentType: head.ContentType, note: head.Metadata.note }
    },
    async presign(bucket, key) {
      const url = await run('s3', 'presign', `s3://${bucket}/${key}`)
      return [{ method: 'GET', url: url.trim() }]
    },
  }
}
