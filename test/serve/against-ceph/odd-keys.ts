// Keys that listings encode.
import { differs, type Scenario } from './stage.ts'

export const odd: Scenario = async (stage) => {
  const bucket = await stage.bucket()
  for (const key of ['a b', 'a+b', 'a%b', 'a&<>b', 'ü/x', "a'(b)*!~", 'a\tb'])
    await stage.put(`${bucket}/${key}`, 'x')
  const show = [
    'Contents/Key',
    'CommonPrefixes/Prefix',
    'ListBucketResult/Prefix',
    'Delimiter',
    'EncodingType',
    'Marker',
    'NextMarker',
    'StartAfter',
  ]
  await stage.ask(
    'as they are',
    'GET',
    bucket,
    { show },
    "200 Contents/Key=a\tb,a b,a%b,a&<>b,a'(b)*!~,a+b,ü/x ListBucketResult/Prefix= Marker=",
  )
  await stage.ask(
    'encoded',
    'GET',
    bucket,
    { query: { 'encoding-type': 'url' }, show },
    differs(
      '200 Contents/Key=a%09b,a%20b,a%25b,a%26%3C%3Eb,a%27%28b%29%2A%21~,a%2Bb,%C3%BC/x ListBucketResult/Prefix= EncodingType=url Marker=',
      "200 Contents/Key=a%09b,a%20b,a%25b,a%26%3C%3Eb,a'(b)*!~,a%2Bb,%C3%BC%2Fx ListBucketResult/Prefix= EncodingType=url Marker=",
      'encoding-type: test_file(3).png appears as test_file%283%29.png, and prefix, markers and StartAfter are encoded; Ceph encodes other characters, and only keys',
    ),
  )
  await stage.ask(
    'encoded, with a delimiter',
    'GET',
    bucket,
    { query: { 'encoding-type': 'url', delimiter: '/', prefix: 'ü' }, show },
    differs(
      '200 CommonPrefixes/Prefix=%C3%BC/ ListBucketResult/Prefix=%C3%BC Delimiter=/ EncodingType=url Marker=',
      '200 CommonPrefixes/Prefix=%C3%BC/ ListBucketResult/Prefix=ü Delimiter=/ EncodingType=url Marker=',
      'encoding-type: test_file(3).png appears as test_file%283%29.png, and prefix, markers and StartAfter are encoded; Ceph encodes other characters, and only keys',
    ),
  )
  await stage.ask(
    'encoded markers',
    'GET',
    bucket,
    { query: { 'encoding-type': 'url', marker: 'a b', 'max-keys': '1', delimiter: '+' }, show },
    differs(
      '200 Contents/Key=a%25b ListBucketResult/Prefix= Delimiter=%2B EncodingType=url Marker=a%20b NextMarker=a%25b',
      '200 Contents/Key=a%25b ListBucketResult/Prefix= Delimiter=%2B EncodingType=url Marker=a b NextMarker=a%25b',
      'encoding-type: test_file(3).png appears as test_file%283%29.png, and prefix, markers and StartAfter are encoded; Ceph encodes other characters, and only keys',
    ),
  )
  await stage.ask(
    'encoded, version 2',
    'GET',
    bucket,
    { query: { 'list-type': '2', 'encoding-type': 'url', 'start-after': 'a b' }, show },
    differs(
      '200 Contents/Key=a%25b,a%26%3C%3Eb,a%27%28b%29%2A%21~,a%2Bb,%C3%BC/x ListBucketResult/Prefix= EncodingType=url StartAfter=a%20b',
      "200 Contents/Key=a%25b,a%26%3C%3Eb,a'(b)*!~,a%2Bb,%C3%BC%2Fx ListBucketResult/Prefix= EncodingType=url StartAfter=a b",
      'encoding-type: test_file(3).png appears as test_file%283%29.png, and prefix, markers and StartAfter are encoded; Ceph encodes other characters, and only keys',
    ),
  )
}
