// Clients that fall silent when it is their turn are left.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Connections, Exchange } from './exchange.ts'

/** @param timeout Milliseconds without a byte in either direction */
export function watchIdle(server: Server, connections: Connections, timeout: number): void {
  server.setTimeout(timeout, (socket: Socket) => {
    const [oldest] = connections.of(socket)
    if (!oldest || isClientsTurn(oldest)) socket.destroy()
    // It is ours: a store may take its time.
    else socket.setTimeout(timeout)
  })
}

/** Whether it has to take what was sent, or to send what it announced. */
function isClientsTurn({ message, response }: Exchange): boolean {
  if (response.writableLength > 0) return true
  return !message.complete && message.readableLength === 0
}
