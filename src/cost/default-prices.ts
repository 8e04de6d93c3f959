// The table that is used unless another one is given: what Amazon S3 charges in us-east-1, by its public price list.
// A region may charge more; a contract may say otherwise. Left out are what depends on the rest of the bill (the first
// 100 GB out of a month are free, storage is cheaper from 50 TB on) and the monitoring of Intelligent-Tiering.
import type { ClassPrices, PriceTable } from './prices.ts'

const GB = 1024 ** 3
const KiB = 1024

const standard: ClassPrices = {
  storage: 0.023,
  requests: { write: 0.005, part: 0.005, copy: 0.005, read: 0.0004, stat: 0.0004 },
  retrieval: 0,
  minimumDays: 0,
  earlyDeletion: 0.023,
  minimumBytes: 0,
  addedBytes: 0,
  addedDefaultBytes: 0,
  restore: new Map(),
}

const infrequent: ClassPrices = {
  ...standard,
  storage: 0.0125,
  requests: { write: 0.01, part: 0.01, copy: 0.01, read: 0.001, stat: 0.001 },
  retrieval: 0.01,
  minimumDays: 30,
  earlyDeletion: 0.0125,
  minimumBytes: 128 * KiB,
}

/** S3: 32 KB at the class's own rate for the index, and 8 KB at that of STANDARD for the name, with each object. */
const archive = { ...standard, addedBytes: 32 * KiB, addedDefaultBytes: 8 * KiB }

export const defaultPrices: PriceTable = {
  name: 'Amazon S3, us-east-1',
  date: '2026-06-20',
  source: 'https://aws.amazon.com/s3/pricing/',
  currency: 'USD',
  endpoints: ['amazonaws.com'],
  gigabyte: GB,
  requests: { list: 0.005, remove: 0, control: 0.005 },
  transferIn: 0,
  transferOut: [
    { upTo: 10_240, price: 0.09 },
    { upTo: 51_200, price: 0.085 },
    { upTo: 153_600, price: 0.07 },
    { upTo: undefined, price: 0.05 },
  ],
  defaultClass: 'STANDARD',
  classes: new Map([
    ['STANDARD', standard],
    ['REDUCED_REDUNDANCY', { ...standard, storage: 0.024, earlyDeletion: 0.024 }],
    [
      'INTELLIGENT_TIERING',
      {
        ...standard,
        // Of its archive tiers.
        restore: new Map([
          ['bulk', { request: 0, retrieval: 0 }],
          ['standard', { request: 0, retrieval: 0 }],
          ['expedited', { request: 10, retrieval: 0.03 }],
        ]),
      },
    ],
    ['STANDARD_IA', infrequent],
    ['ONEZONE_IA', { ...infrequent, storage: 0.01, earlyDeletion: 0.01 }],
    [
      'GLACIER_IR',
      {
        ...infrequent,
        storage: 0.004,
        requests: { write: 0.02, part: 0.02, copy: 0.02, read: 0.01, stat: 0.01 },
        retrieval: 0.03,
        minimumDays: 90,
        earlyDeletion: 0.004,
      },
    ],
    [
      'GLACIER',
      {
        ...archive,
        storage: 0.0036,
        // S3: parts are charged as STANDARD until the object is complete.
        requests: { ...standard.requests, write: 0.03, copy: 0.03 },
        minimumDays: 90,
        earlyDeletion: 0.0036,
        restore: new Map([
          ['bulk', { request: 0, retrieval: 0 }],
          ['standard', { request: 0.05, retrieval: 0.01 }],
          ['expedited', { request: 10, retrieval: 0.03 }],
        ]),
      },
    ],
    [
      'DEEP_ARCHIVE',
      {
        ...archive,
        storage: 0.00099,
        requests: { ...standard.requests, write: 0.05, copy: 0.05 },
        minimumDays: 180,
        earlyDeletion: 0.00099,
        restore: new Map([
          ['bulk', { request: 0.025, retrieval: 0.0025 }],
          ['standard', { request: 0.1, retrieval: 0.02 }],
        ]),
      },
    ],
  ]),
}
