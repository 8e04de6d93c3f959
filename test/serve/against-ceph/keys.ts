// What is there to be listed, and what is told of a listing.

export const keys: readonly string[] = [
  'a',
  'b/1',
  'b/2',
  'b/c/1',
  'd//1',
  'd//2',
  'e',
  'z--1',
  'z--2',
  'ä',
]

export const entries: readonly string[] = ['Contents/Key', 'CommonPrefixes/Prefix', 'IsTruncated']
