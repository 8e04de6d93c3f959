// Has a server's connection receive into memory of our own choice, as clients can by `onread` of net.connect: without a
// stream between, and without a buffer made anew for each read.
//
// Node has no such option for what a server accepts. So its handle is moved into a socket that is made with `onread`, by
// two names that Node does not document, `_handle` and the option `handle`; both are as old as net. Where they are not
// there, and with TLS, the bytes come by events, and are copied once more.
import { Socket, type SocketConstructorOpts } from 'node:net'

export interface Receiver {
  /** Where to put what comes next. Asked anew after each time; what it gave is written to until then. */
  room(): Uint8Array
  /** Called with as many bytes as came, in what `room` gave or elsewhere; they are the caller's again when it returns. */
  received(count: number, buffer: Uint8Array): boolean
}

/**
 * The socket to use from now on. It is paused by `received` returning false, and by `pause`, until `resume`.
 * @param accepted by a server with `pauseOnConnect`, and not used so far
 */
export function receiveInPlace(accepted: Socket, receiver: Receiver): Socket {
  const handle = takeHandle(accepted)
  if (handle === undefined) return receiveByEvents(accepted, receiver)
  const options: SocketConstructorOpts = {
    allowHalfOpen: true,
    onread: {
      buffer: () => receiver.room(),
      callback: (count, buffer) => receiver.received(count, buffer),
    },
  }
  const socket = new Socket(Object.assign(options, { handle }))
  // The server counts the one that it accepted.
  socket.once('close', () => accepted.destroy())
  return socket
}

export function receiveByEvents(socket: Socket, receiver: Receiver): Socket {
  socket.on('data', (bytes: Uint8Array) => {
    if (!receiver.received(bytes.length, bytes)) socket.pause()
  })
  // It was paused by its server.
  return socket.resume()
}

function takeHandle(accepted: Socket): object | undefined {
  const handle: unknown = Reflect.get(accepted, '_handle')
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle))
    return undefined
  return Reflect.set(accepted, '_handle', null) ? handle : undefined
}
