// What the operations of S3 stand on: buckets, objects with all that S3 knows of them, versions and uploads, kept in a
// Store and a ledger beside it. Every method throws S3Error; what the Store throws is mapped where the answer is made.
import type { ReadOptions } from '../../core/store.ts'
import type { Checksum, ChecksumAlgorithm, IncomingBody } from '../body/types.ts'

/** What S3 knows of an object beside its bytes: given with it, and kept with it. */
export interface Facts {
  readonly contentType: string | undefined
  /** Cache-Control, Content-Disposition, Content-Encoding, Content-Language, Expires: by lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** Without `x-amz-meta-`, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly storageClass: string
}

export interface PartFacts {
  readonly number: number
  readonly size: number
  readonly checksum?: string | undefined
}

/** Of an object in an archive class that was asked for. */
export interface Restoration {
  /** Milliseconds since 1970: when the bytes can be read. */
  readonly ready: number
  /** Milliseconds since 1970: when they no longer can. */
  readonly expires: number
}

/** All that the ledger keeps of an object as JSON. */
export interface ObjectRecord extends Facts {
  /** Without quotes. */
  readonly etag: string
  readonly checksum: Checksum | undefined
  /** Of an object that was uploaded in parts. */
  readonly parts: readonly PartFacts[] | undefined
  readonly restoration: Restoration | undefined
}

interface AnyVersion {
  readonly key: string
  /** `null` in a bucket that has never been versioned, and for what was written while versioning was suspended. */
  readonly version: string
  readonly latest: boolean
  /** Milliseconds since 1970. */
  readonly modified: number
}
export interface ObjectVersion extends AnyVersion {
  readonly kind: 'object'
  readonly size: number
  readonly record: ObjectRecord
}
export interface DeleteMarker extends AnyVersion {
  readonly kind: 'marker'
}
export type Version = ObjectVersion | DeleteMarker

export type Versioning = 'off' | 'enabled' | 'suspended'

export interface CorsRule {
  readonly id: string | undefined
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAge: number | undefined
}

export interface Bucket {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly created: number
  /** The access key that made it; of a directory made by hand the first one. */
  readonly owner: string
  readonly versioning: Versioning
  readonly cors: readonly CorsRule[]
  readonly tags: Readonly<Record<string, string>>
}

/** Of RFC 9110, as S3 takes them. Etags without quotes; `*` is any. */
export interface Conditions {
  readonly ifMatch?: readonly string[] | undefined
  readonly ifNoneMatch?: readonly string[] | undefined
}

export interface CallOptions {
  readonly signal: AbortSignal
}
export interface PutOptions extends CallOptions {
  readonly conditions: Conditions
}

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** An object that is open: its bytes are of this version, whatever happens to its name meanwhile. */
export interface OpenObject {
  readonly version: ObjectVersion
  /** What was selected of it. */
  readonly range: ByteRange
  /** Once. The bytes of the range; leaving them early frees what is held. */
  readonly bytes: AsyncIterable<Uint8Array>
}
export interface OpenOptions extends CallOptions {
  /**
   * Told which version it is, says what is wanted of it: undefined is the whole. It refuses by throwing (a condition, a
   * range, a class), and is asked again where the object is replaced before it could be opened.
   */
  readonly select?: ((version: ObjectVersion) => ByteRange | undefined) | undefined
  /** See ReadOptions. */
  readonly buffer?: ReadOptions['buffer']
}

export interface ListQuery extends CallOptions {
  readonly prefix: string
  readonly delimiter: string
  /** Keys and common prefixes after this one. */
  readonly after: string
  readonly limit: number
}
export interface ListPage {
  readonly objects: readonly ObjectVersion[]
  readonly prefixes: readonly string[]
  /** The last key or common prefix of the page, where more follow. */
  readonly next: string | undefined
}
export interface ListVersionsQuery extends ListQuery {
  /** Of the key `after`: begin behind this version of it. */
  readonly afterVersion: string | undefined
}
export interface ListVersionsPage {
  readonly versions: readonly Version[]
  readonly prefixes: readonly string[]
  readonly next: { readonly key: string; readonly version: string | undefined } | undefined
}

export interface Removed {
  /** The version that was removed, or the marker that was made; undefined in a bucket without versions. */
  readonly version: string | undefined
  /** A delete marker was made, or removed. */
  readonly marker: boolean
}

export interface CopyTarget {
  readonly bucket: Bucket
  readonly key: string
  /** Instead of the source's. */
  readonly facts: Facts
  /** Wanted of the copy; undefined: the source's. */
  readonly checksum: ChecksumAlgorithm | undefined
}

export interface NewUpload {
  readonly facts: Facts
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] }
    | undefined
}
export interface UploadInfo extends NewUpload {
  readonly id: string
  readonly key: string
  /** Milliseconds since 1970. */
  readonly started: number
}
export interface PartInfo extends PartFacts {
  /** The MD5 in hex. */
  readonly etag: string
  readonly modified: number
}
export interface CompleteRequest extends PutOptions {
  readonly parts: readonly {
    readonly number: number
    readonly etag: string
    readonly checksum: string | undefined
  }[]
  /** Of the whole object, as the client knows it. */
  readonly checksum: Checksum | undefined
  readonly size: number | undefined
}

export interface Uploads {
  begin(bucket: Bucket, key: string, upload: NewUpload, options: CallOptions): Promise<UploadInfo>
  /** @throws NoSuchUpload */
  find(bucket: Bucket, key: string, id: string): Promise<UploadInfo>
  part(
    bucket: Bucket,
    upload: UploadInfo,
    number: number,
    body: IncomingBody,
    options: CallOptions,
  ): Promise<PartInfo>
  copyPart(
    bucket: Bucket,
    upload: UploadInfo,
    number: number,
    from: OpenObject,
    options: CallOptions,
  ): Promise<PartInfo>
  parts(upload: UploadInfo, after: number, limit: number): Promise<readonly PartInfo[]>
  /** In the order of keys, then of their beginning. */
  list(
    bucket: Bucket,
    query: {
      readonly prefix: string
      readonly delimiter: string
      readonly after: string
      readonly afterId: string | undefined
      readonly limit: number
    },
  ): Promise<{
    readonly uploads: readonly UploadInfo[]
    readonly prefixes: readonly string[]
    readonly next: { readonly key: string; readonly id: string | undefined } | undefined
  }>
  /** A second time with the same parts, after its answer was lost, gives the same answer. */
  complete(bucket: Bucket, upload: UploadInfo, request: CompleteRequest): Promise<ObjectVersion>
  abort(bucket: Bucket, upload: UploadInfo, options: CallOptions): Promise<void>
}

export interface Buckets {
  /** In the order of names. */
  list(options: CallOptions): AsyncIterable<Bucket>
  /** @throws NoSuchBucket */
  get(name: string, options: CallOptions): Promise<Bucket>
  /** @throws BucketAlreadyExists, BucketAlreadyOwnedByYou, InvalidBucketName */
  create(name: string, owner: string, options: CallOptions): Promise<void>
  /** @throws BucketNotEmpty */
  remove(bucket: Bucket, options: CallOptions): Promise<void>
  update(
    bucket: Bucket,
    change: Partial<Pick<Bucket, 'versioning' | 'cors' | 'tags'>>,
  ): Promise<void>
}

export interface Vault extends AsyncDisposable {
  readonly buckets: Buckets
  readonly uploads: Uploads
  /** The latest version, or the one named. @throws NoSuchKey, NoSuchVersion */
  find(
    bucket: Bucket,
    key: string,
    version: string | undefined,
    options: CallOptions,
  ): Promise<Version>
  /** As find, of an object, ready to be read. @throws also MethodNotAllowed for a delete marker named by its version */
  open(
    bucket: Bucket,
    key: string,
    version: string | undefined,
    options: OpenOptions,
  ): Promise<OpenObject>
  put(
    bucket: Bucket,
    key: string,
    body: IncomingBody,
    facts: Facts,
    options: PutOptions,
  ): Promise<ObjectVersion>
  /** Of the whole that `from` selected; inside the store where it can. */
  copy(from: OpenObject, to: CopyTarget, options: PutOptions): Promise<ObjectVersion>
  /** Without a version: the latest goes, or a delete marker comes. What is absent counts as removed. */
  remove(
    bucket: Bucket,
    key: string,
    version: string | undefined,
    options: PutOptions,
  ): Promise<Removed>
  /** Changes what is known of a version, its bytes untouched. */
  update(
    bucket: Bucket,
    version: ObjectVersion,
    change: Partial<Pick<ObjectRecord, 'tags' | 'restoration'>>,
    options: CallOptions,
  ): Promise<void>
  list(bucket: Bucket, query: ListQuery): Promise<ListPage>
  listVersions(bucket: Bucket, query: ListVersionsQuery): Promise<ListVersionsPage>
}
