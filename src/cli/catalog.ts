// The commands: names and summaries here, each one's code in its own file, loaded when it is called.
import type { Command } from './command.ts'

export interface CatalogEntry {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  load(): Promise<Command>
}

export const catalog: readonly CatalogEntry[] = [
  {
    name: 'ls',
    alias: 'list',
    summary: 'list objects, or buckets',
    load: async () => (await import('./commands/ls.ts')).ls,
  },
  {
    name: 'stat',
    summary: 'show the facts of one object',
    load: async () => (await import('./commands/stat.ts')).stat,
  },
  {
    name: 'cat',
    summary: 'write the bytes of objects to standard output',
    load: async () => (await import('./commands/cat.ts')).cat,
  },
  {
    name: 'head',
    summary: 'write the first lines of objects to standard output',
    load: async () => (await import('./commands/head.ts')).head,
  },
  {
    name: 'du',
    summary: 'show how much lies below addresses',
    load: async () => (await import('./commands/du.ts')).du,
  },
  {
    name: 'cp',
    alias: 'copy',
    summary: 'copy objects and trees',
    load: async () => (await import('./commands/cp.ts')).cp,
  },
  {
    name: 'upload',
    summary: 'copy files and trees to a store',
    load: async () => (await import('./commands/upload.ts')).upload,
  },
  {
    name: 'download',
    summary: 'copy objects and trees from a store',
    load: async () => (await import('./commands/download.ts')).download,
  },
  {
    name: 'mv',
    alias: 'move',
    summary: 'move objects and trees',
    load: async () => (await import('./commands/mv.ts')).mv,
  },
  {
    name: 'sync',
    summary: 'make one tree like another',
    load: async () => (await import('./commands/sync.ts')).sync,
  },
  {
    name: 'plan',
    summary: 'write down what a sync would do',
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    name: 'apply',
    summary: 'do what a plan says',
    load: async () => (await import('./commands/apply.ts')).apply,
  },
  {
    name: 'check',
    summary: 'compare two trees, or one with its recorded digests',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'signature',
    summary: 'show, write or make the signatures of objects',
    load: async () => (await import('./commands/signature.ts')).signature,
  },
  {
    name: 'rm',
    alias: 'remove',
    summary: 'remove objects and trees',
    load: async () => (await import('./commands/rm.ts')).rm,
  },
  {
    name: 'restore',
    summary: 'make archived objects readable',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'status',
    summary: 'show what changed in a directory since it was synced',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'runs',
    summary: 'show what earlier runs did',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    name: 'mb',
    summary: 'make a bucket',
    load: async () => (await import('./commands/mb.ts')).mb,
  },
  {
    name: 'rb',
    summary: 'remove an empty bucket',
    load: async () => (await import('./commands/rb.ts')).rb,
  },
  {
    name: 'uploads',
    summary: 'list or abort unfinished uploads',
    load: async () => (await import('./commands/uploads.ts')).uploads,
  },
  {
    name: 'serve',
    summary: 'serve a directory, or any other store, to S3 clients',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
]
