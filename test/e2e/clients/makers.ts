// The S3 clients that tests have, by name.
import type { ClientName } from '../../servers/clients.ts'
import { awsCli } from './aws.ts'
import { boto3 } from './boto3.ts'
import type { MakeClient } from './client.ts'
import { rclone } from './rclone.ts'
import { s3cmd } from './s3cmd.ts'

export const makers: readonly (readonly [ClientName, MakeClient])[] = [
  ['aws-cli', awsCli],
  ['rclone', rclone],
  ['s3cmd', s3cmd],
  ['boto3', boto3],
]
