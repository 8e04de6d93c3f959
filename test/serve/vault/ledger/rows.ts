// Rows of the ledger, for the tests and for the programs that they start.
import type { PartRow, UploadRow, VersionRow } from '../../../../src/serve/vault/ledger/types.ts'
import type { ObjectRecord } from '../../../../src/serve/vault/types.ts'

export const plainRecord: ObjectRecord = {
  contentType: undefined,
  headers: {},
  metadata: {},
  tags: {},
  storageClass: 'STANDARD',
  etag: '0cc175b9c0f1b6a831c399e269772661',
  checksum: undefined,
  parts: undefined,
  restoration: undefined,
}

export function versionRow(key: string, row: Partial<VersionRow> = {}): VersionRow {
  return {
    bucket: 'bucket',
    key,
    version: 'null',
    sequence: 1,
    marker: false,
    place: undefined,
    match: '1:1',
    size: 1,
    modified: 1,
    record: plainRecord,
    ...row,
  }
}

export function uploadRow(id: string, row: Partial<UploadRow> = {}): UploadRow {
  return {
    id,
    bucket: 'bucket',
    key: 'big',
    started: 1,
    facts: {
      contentType: undefined,
      headers: {},
      metadata: {},
      tags: {},
      storageClass: 'STANDARD',
    },
    checksum: undefined,
    backing: { key: '.hawser/s3/uploads/1', id: '1' },
    stride: undefined,
    completed: undefined,
    ...row,
  }
}

export function partRow(upload: string, number: number, row: Partial<PartRow> = {}): PartRow {
  return {
    upload,
    number,
    size: 1,
    etag: '0cc175b9c0f1b6a831c399e269772661',
    checksum: undefined,
    crc64nvme: 0n,
    modified: 1,
    place: undefined,
    offset: 0,
    receipt: undefined,
    ...row,
  }
}
