// What a command is: its arguments, its options, and a handler that returns data. Printing is the reporters' work.
import {
  type OptionSpecs,
  type OptionValues,
  resolveOptions,
  type RawOptions,
} from '../config/option.ts'
import type { Environment } from '../config/environment.ts'
import type { GlobalOptions } from '../config/options.ts'
import { HawserError } from '../core/errors.ts'
import type { EventSink } from '../core/events.ts'
import type { Key } from '../core/key.ts'
import type { RunMeter } from '../core/meter.ts'
import type { Place } from '../core/place.ts'
import type { Secret } from '../core/secret.ts'
import type { ArchiveState, Entry, ObjectInfo, UnfinishedUpload } from '../core/store.ts'
import type { Signature } from '../delta/signature/types.ts'
import type { RunRecord, State } from '../state/types.ts'
import type { CheckResult } from '../sync/check-report.ts'
import type { Usage } from '../sync/du.ts'
import type { OpenOptions } from '../open.ts'
import type { RunResult } from '../sync/report.ts'
import type { RestoreResult } from '../sync/restore-run.ts'
import type { StatusAt } from '../status.ts'
import type { KeptSignature } from '../transfer/delta/shelf.ts'

/** What is known of an object, and its address. */
export interface FoundObject {
  readonly address: string
  readonly info: ObjectInfo
}

/** The signature of an object, and its address. */
export interface FoundSignature {
  readonly address: string
  readonly signature: Signature
  /** Made from the bytes of the object, or kept: on this machine, or beside the object. */
  readonly from: 'bytes' | KeptSignature['where']
  /** Whether it is of the object as it is now. */
  readonly isFresh: boolean
  /** Bytes, as it is kept. */
  readonly stored: number
}

/** What a command gives back. */
export type Outcome =
  | {
      readonly kind: 'entries'
      /** The name to show beside each entry. */
      readonly entries: AsyncIterable<Entry & { readonly name: string }>
      readonly long: boolean
      readonly human: boolean
    }
  | { readonly kind: 'buckets'; readonly buckets: AsyncIterable<BucketEntry> }
  | { readonly kind: 'objects'; readonly objects: AsyncIterable<FoundObject> }
  | {
      readonly kind: 'signatures'
      readonly signatures: AsyncIterable<FoundSignature>
      /** Whether to show each chunk. */
      readonly chunks: boolean
      /** What has none, or could not be read; known once the signatures are. */
      readonly failures: readonly HawserError[]
    }
  | { readonly kind: 'bytes'; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly kind: 'bucket'; readonly done: 'created' | 'removed'; readonly address: string }
  | { readonly kind: 'run'; readonly result: RunResult }
  | { readonly kind: 'check'; readonly result: CheckResult }
  | { readonly kind: 'restore'; readonly result: RestoreResult }
  | { readonly kind: 'archives'; readonly rows: AsyncIterable<ArchivedAt> }
  | {
      readonly kind: 'status'
      readonly rows: AsyncIterable<StatusAt>
      /** What could not be looked at; known once the rows are. */
      readonly failures: readonly HawserError[]
      readonly form: 'people' | 'porcelain' | 'nul'
      /** There is more than one destination. */
      readonly isOfSeveral: boolean
    }
  | { readonly kind: 'runs'; readonly runs: AsyncIterable<RunRecord> }
  | {
      readonly kind: 'run-log'
      readonly run: RunRecord
      /** Its file, and the lines of that; undefined where there is none any more. */
      readonly log: string
      readonly lines: AsyncIterable<string> | undefined
    }
  | {
      readonly kind: 'usage'
      readonly rows: AsyncIterable<UsageAt>
      /** What could not be listed; known once the rows are. */
      readonly failures: readonly HawserError[]
      readonly byClass: boolean
      readonly human: boolean
    }
  | {
      readonly kind: 'uploads'
      readonly uploads: AsyncIterable<UploadAt>
      /** What could not be aborted; known once the uploads are. */
      readonly failures: readonly HawserError[]
    }
  | {
      readonly kind: 'server'
      readonly url: string
      readonly region: string
      /** What is served. */
      readonly address: string
      /** Whether it was not there before. */
      readonly isNew: boolean
      /** Made for this run, because none were given: nobody else knows them. */
      readonly credentials:
        | { readonly accessKeyId: string; readonly secretAccessKey: Secret }
        | undefined
      /** Whether everybody may read. */
      readonly anonymous: boolean
      readonly readOnly: boolean
      /** Resolves when it has ended in good order. */
      readonly closed: Promise<void>
    }

export interface BucketEntry {
  readonly name: string
  readonly created: Date | undefined
}

/** How much lies at an address. */
export interface UsageAt extends Omit<Usage, 'key'> {
  readonly address: string
}

/** An object that is archived or was, and in the end all of them. */
export type ArchivedAt =
  | {
      readonly type: 'archived'
      readonly address: string
      readonly key: Key
      readonly size: number
      readonly state: ArchiveState['kind']
      /** As far as this machine knows. */
      readonly tier: string | undefined
      readonly requested: Date | undefined
      readonly until: Date | undefined
    }
  | {
      readonly type: 'archives'
      readonly objects: number
      readonly bytes: number
      readonly counts: Readonly<Record<ArchiveState['kind'], number>>
    }

/** An unfinished upload, and what was done to it. */
export interface UploadAt extends UnfinishedUpload {
  readonly address: string
  /** Bytes that have arrived, where that was asked for. */
  readonly arrived: number | undefined
  readonly done: 'listed' | 'aborted' | 'would abort'
}

/** What a handler works with. What it opens is closed when the command ends. */
export interface Context {
  /** What options are taken from that are not on the command line. */
  readonly environment: Environment
  readonly options: GlobalOptions
  /** Where the logs of runs are. */
  readonly logDirectory: string
  readonly signal: AbortSignal
  readonly onEvent: EventSink
  readonly meter: RunMeter
  /** @throws HawserError where the address cannot be opened */
  readonly open: (
    address: string,
    how?: Pick<OpenOptions, 'asEntry' | 'customerKey' | 'fromRoot' | 'followLinks'>,
  ) => Promise<Place>
  /** What earlier runs know. */
  readonly state: () => Promise<State>
  /** The same; undefined where no run has kept anything yet. */
  readonly stateIfThere: () => Promise<State | undefined>
  /** The bytes of standard input. */
  readonly input: () => AsyncIterable<Uint8Array>
}

export interface ArgumentsSpec {
  /** As help shows them: `SRC... DST`. */
  readonly usage: string
  readonly min: number
  readonly max: number
}

/** A command with its options' types forgotten, as the command line sees it. */
export interface Command {
  readonly arguments: ArgumentsSpec
  readonly options: OptionSpecs
  /** Told below the summary in its help. */
  readonly details: string
  /** Command lines without the leading `hawser`, and what they do. */
  readonly examples: readonly (readonly [line: string, meaning: string])[]
  run(operands: readonly string[], given: RawOptions, context: Context): Promise<Outcome>
}

export interface CommandSpec<S extends OptionSpecs> extends Omit<Command, 'options' | 'run'> {
  readonly options: S
  readonly run: (
    operands: readonly string[],
    options: OptionValues<S>,
    context: Context,
    /** Names of options that are on the command line, not only in the environment. */
    said: ReadonlySet<string>,
  ) => Promise<Outcome>
}

export function defineCommand<S extends OptionSpecs>(spec: CommandSpec<S>): Command {
  return {
    ...spec,
    run: (operands, given, context) =>
      spec.run(
        operands,
        resolveOptions(spec.options, given, context.environment),
        context,
        new Set(Object.keys(given)),
      ),
  }
}

export function usageError(message: string, hint?: string): HawserError {
  return new HawserError('invalid-argument', message, { op: 'usage', hint })
}
