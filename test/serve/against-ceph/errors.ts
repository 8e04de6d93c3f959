// Answers to what is not there, or cannot be.
import { differs, type Scenario } from './stage.ts'

export const errors: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  const show = ['Key', 'Resource']
  await stage.ask(
    'no such key',
    'GET',
    `${bucket}/a b`,
    { show },
    differs(
      '404 NoSuchKey Key=a b Resource=/BUCKET/a%20b',
      '404 NoSuchKey',
      'Error responses: Resource is in every answer; not in Ceph’s',
    ),
  )
  await stage.ask('no such bucket', 'GET', `${bucket}-none/key`, {}, '404 NoSuchBucket')
  await stage.ask('HEAD of no such key', 'HEAD', `${bucket}/none`, { show: ['body'] }, '404 ""')
  await stage.ask('HEAD of no such bucket', 'HEAD', `${bucket}-none`, { show: ['body'] }, '404 ""')
  await stage.ask(
    'HEAD of a key in no such bucket',
    'HEAD',
    `${bucket}-none/key`,
    { show: ['body'] },
    '404 ""',
  )
  await stage.ask(
    'a version of a name that cannot be',
    'GET',
    `${bucket}/key`,
    { query: { versionId: '' } },
    differs(
      '400 InvalidArgument',
      '404 NoSuchKey',
      'A version ID is never empty; Ceph ignores an empty one',
    ),
  )
  await stage.ask(
    'a key of 1025 bytes',
    'PUT',
    `${bucket}/${'k'.repeat(1025)}`,
    { body: 'x' },
    differs(
      '400 KeyTooLongError',
      '400 InvalidObjectName',
      'List of error codes: KeyTooLongError; Ceph has a code of its own',
    ),
  )
  await stage.ask(
    'a key of 1024 bytes',
    'PUT',
    `${bucket}/${'k'.repeat(1024)}`,
    { body: 'x' },
    '200',
  )
  await stage.ask('a method that is none', 'PATCH', `${bucket}/key`, {}, '405 MethodNotAllowed')
  await stage.ask(
    'POST of a key',
    'POST',
    `${bucket}/key`,
    {},
    differs(
      '405 MethodNotAllowed',
      '400 InvalidArgument',
      'No operation of S3 is a bare POST of a key; Ceph looks for a form',
    ),
  )
  await stage.ask('DELETE of nothing', 'DELETE', '', {}, '405 MethodNotAllowed')
  await stage.ask(
    'no length',
    'PUT',
    `${bucket}/key`,
    {
      forge: (headers) => {
        delete headers['content-length']
        headers['transfer-encoding'] = 'chunked'
      },
      payload: 'UNSIGNED-PAYLOAD',
    },
    differs(
      '411 MissingContentLength',
      '200',
      'PutObject: Content-Length is needed; Ceph takes a body without',
    ),
  )
}
