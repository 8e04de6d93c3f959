// The HTTP transport of the S3 store: ordinary requests by node:http, object bodies received in place by plain sockets.
export type {
  HttpRequest,
  HttpResponse,
  HttpSource,
  HttpUrl,
  TlsOptions,
  Transport,
  TransportOptions,
} from './message.ts'
