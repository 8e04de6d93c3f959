// What is measured: for each case the command line of every tool, and what Hawser may cost beside a peer.
import { join } from 'node:path'

/** Where one run of one tool finds its things. */
export interface Setting {
  /** The sink's address. */
  readonly origin: string
  /** Files to send: `big`, and `small/` with 10,000. */
  readonly data: string
  /** An empty directory, for what this run writes. */
  readonly work: string
  /** A bucket of this run's own; of this tool's own where the case is `warm`. */
  readonly bucket: string
  /** Where Hawser keeps its state: as the bucket. */
  readonly state: string
}

export type Tool = 'hawser' | 'rclone' | 'aws' | 's5cmd' | 'curl' | 'node'

/** Hawser may cost so many times what the peer does. */
export interface Target {
  readonly peer: Tool
  readonly cpu: number
  readonly wall?: number
}

export interface Case {
  readonly name: string
  readonly title: string
  readonly commands: Readonly<Partial<Record<Tool, (setting: Setting) => readonly string[]>>>
  readonly targets: readonly Target[]
  /** The same command runs once before it is measured, unmeasured, with the same bucket and state. */
  readonly warm?: true
  /** For what is over too soon to measure once. */
  readonly repeat?: number
}

const bytes = 2 * 1024 ** 3
const bigBucket = `1x${bytes}`
const bigKey = '000000/00000000.bin'

const hawser = ({ origin, state }: Setting, ...args: string[]): string[] => [
  'hawser',
  ...args,
  '--endpoint',
  origin,
  '--state-dir',
  state,
]
/** With Hawser's number of transfers at once, not its own of 4. */
const rclone = (...args: string[]): string[] => [
  'rclone',
  ...args,
  '--transfers',
  '32',
  '--checkers',
  '32',
]
const aws = ({ origin }: Setting, ...args: string[]): string[] => [
  'aws',
  '--endpoint-url',
  origin,
  's3',
  ...args,
]
const s5cmd = ({ origin }: Setting, ...args: string[]): string[] => [
  's5cmd',
  '--endpoint-url',
  origin,
  '--numworkers',
  '32',
  ...args,
]
const quiet = '--only-show-errors'

export const cases: readonly Case[] = [
  {
    name: 'big-up',
    title: '2 GiB up, http',
    commands: {
      hawser: (at) => hawser(at, 'cp', join(at.data, 'big'), `s3://${at.bucket}/big`),
      rclone: (at) => rclone('copyto', join(at.data, 'big'), `sink:${at.bucket}/big`),
      aws: (at) => aws(at, 'cp', quiet, join(at.data, 'big'), `s3://${at.bucket}/big`),
      s5cmd: (at) => s5cmd(at, 'cp', join(at.data, 'big'), `s3://${at.bucket}/big`),
      curl: (at) => ['curl', '-sfT', join(at.data, 'big'), `${at.origin}/${at.bucket}/big`],
    },
    targets: [
      { peer: 'curl', cpu: 1.8 },
      { peer: 'rclone', cpu: 0.2 },
    ],
  },
  {
    name: 'big-down',
    title: '2 GiB down, http',
    commands: {
      hawser: (at) => hawser(at, 'cp', `s3://${bigBucket}/${bigKey}`, join(at.work, 'big')),
      rclone: (at) => rclone('copyto', `sink:${bigBucket}/${bigKey}`, join(at.work, 'big')),
      aws: (at) => aws(at, 'cp', quiet, `s3://${bigBucket}/${bigKey}`, join(at.work, 'big')),
      s5cmd: (at) => s5cmd(at, 'cp', `s3://${bigBucket}/${bigKey}`, join(at.work, 'big')),
      curl: (at) => ['curl', '-sfo', join(at.work, 'big'), `${at.origin}/${bigBucket}/${bigKey}`],
    },
    targets: [
      { peer: 'curl', cpu: 1.3, wall: 1 },
      { peer: 'rclone', cpu: 1.3, wall: 1 },
    ],
  },
  {
    name: 'many-up',
    title: '10,000 × 4 KiB up',
    commands: {
      hawser: (at) => hawser(at, 'sync', join(at.data, 'small'), `s3://${at.bucket}`),
      rclone: (at) => rclone('copy', join(at.data, 'small'), `sink:${at.bucket}`),
      aws: (at) => aws(at, 'cp', '--recursive', quiet, join(at.data, 'small'), `s3://${at.bucket}`),
      s5cmd: (at) => s5cmd(at, 'cp', `${join(at.data, 'small')}/`, `s3://${at.bucket}/`),
    },
    targets: [{ peer: 'rclone', cpu: 0.11 }],
  },
  {
    name: 'many-down',
    title: '10,000 × 4 KiB down',
    commands: {
      hawser: (at) => hawser(at, 'sync', 's3://10000x4096', join(at.work, 'small')),
      rclone: (at) => rclone('copy', 'sink:10000x4096', join(at.work, 'small')),
      aws: (at) => aws(at, 'cp', '--recursive', quiet, 's3://10000x4096', join(at.work, 'small')),
      s5cmd: (at) => s5cmd(at, 'cp', 's3://10000x4096/*', join(at.work, 'small/')),
    },
    targets: [{ peer: 'rclone', cpu: 0.11 }],
  },
  {
    name: 'no-op',
    title: 'no-op sync of 10,000',
    warm: true,
    commands: {
      hawser: (at) => hawser(at, 'sync', join(at.data, 'small'), `s3://${at.bucket}`),
      // Without these it asks for the head of each object.
      rclone: (at) => [
        ...rclone('sync', join(at.data, 'small'), `sink:${at.bucket}`),
        '--update',
        '--use-server-modtime',
      ],
      aws: (at) => aws(at, 'sync', quiet, join(at.data, 'small'), `s3://${at.bucket}`),
      s5cmd: (at) => s5cmd(at, 'sync', `${join(at.data, 'small')}/`, `s3://${at.bucket}/`),
    },
    targets: [{ peer: 'aws', cpu: 0.5 }],
  },
  {
    name: 'ls',
    title: 'listing of 100,000 keys',
    commands: {
      hawser: (at) => hawser(at, 'ls', '-r', 's3://100000x4096/'),
      rclone: () => ['rclone', 'lsf', '-R', '--fast-list', '--files-only', 'sink:100000x4096'],
      aws: (at) => aws(at, 'ls', '--recursive', 's3://100000x4096/'),
      s5cmd: (at) => s5cmd(at, 'ls', 's3://100000x4096/*'),
    },
    targets: [],
  },
  {
    name: 'version',
    title: '`--version`',
    repeat: 20,
    commands: {
      hawser: () => ['hawser', '--version'],
      node: () => ['node', '-e', '0'],
      rclone: () => ['rclone', '--version'],
      aws: () => ['aws', '--version'],
    },
    targets: [{ peer: 'node', cpu: 1.6 }],
  },
  {
    name: 'ls-local',
    title: '`ls` of a directory of 100 files',
    repeat: 20,
    commands: {
      hawser: (at) => ['hawser', 'ls', join(at.data, 'small/000000')],
      node: () => ['node', '-e', '0'],
      rclone: (at) => ['rclone', 'lsf', join(at.data, 'small/000000')],
    },
    targets: [{ peer: 'node', cpu: 2.5 }],
  },
]
