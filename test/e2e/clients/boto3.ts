// boto3, by the script beside this file.
import { join } from 'node:path'
import { awsEnvironment, output, withEnvironment, type MakeClient } from './client.ts'

export const boto3: MakeClient = (client, endpoint, home) => {
  const python = withEnvironment(client, awsEnvironment(endpoint, home))
  const script = join(import.meta.dirname, 'boto3-client.py')
  const ask = async <T>(op: string, ...argv: string[]): Promise<T> =>
    JSON.parse(await output(python, [script, op, ...argv]))
  return {
    makeBucket: (bucket) => ask('make_bucket', bucket),
    upload: (directory, bucket) => ask('upload', directory, bucket),
    download: (bucket, directory) => ask('download', bucket, directory),
    list: async (bucket) => new Map(await ask<[string, number][]>('list', bucket)),
    empty: (bucket) => ask('empty', bucket),
    removeBucket: (bucket) => ask('remove_bucket', bucket),
    put: (file, bucket, key, { contentType, note }) =>
      ask('put', file, bucket, key, contentType, note),
    copy: (bucket, from, to) => ask('copy', bucket, from, to),
    facts: (bucket, key) => ask('facts', bucket, key),
    presign: (bucket, key) => ask('presign', bucket, key),
  }
}
