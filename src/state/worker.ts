// A database's thread: node:sqlite blocks the thread that it runs in. Answers one message after the other, in order.
import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase, openLock, openSpool, type Database } from './database.ts'
import { faultOf, isDamage, type FaultError } from './fault.ts'
import { mainDatabase, type Call, type Reply, type Request, type Results } from './protocol.ts'
import type { Assignment } from './protocol.ts'
import type { Connection } from './sqlite.ts'

const port = parentPort
if (port === null) throw new Error('a database runs in a thread of its own')
const { directory, schema }: Assignment = workerData

const connections = new Map<number, Connection>()
let last = mainDatabase
let main: Database | undefined
let lost: FaultError | undefined

port.on('message', ({ id, request }: Call) => {
  try {
    answer({ id, value: execute(request) })
  } catch (error) {
    answer({ id, fault: faultOf(error, schema) })
  }
})

function answer(reply: Reply): void {
  port?.postMessage(reply)
}

function execute(request: Request): Results[keyof Results] {
  switch (request.do) {
    case 'write':
      return using(request.database, (connection) => connection.write(request.steps))
    case 'read':
      return using(request.database, (connection) => connection.read(request.sql, request.values))
    case 'spool':
      return keep(openSpool())
    case 'lock': {
      const lock = openLock(directory, request.name, 0)
      return lock && keep(lock)
    }
    case 'close':
      connections.get(request.database)?.close()
      connections.delete(request.database)
      break
    case 'end':
      main?.connection.close()
      for (const connection of connections.values()) connection.close()
      break
  }
  return undefined
}

function keep(connection: Connection): number {
  connections.set(++last, connection)
  return last
}

function using<T>(database: number, work: (connection: Connection) => T): T {
  if (database !== mainDatabase) {
    const connection = connections.get(database)
    if (connection === undefined) throw new Error('a spool or a lock was used after its end')
    return work(connection)
  }
  if (lost !== undefined) throw lost
  main ??= openDatabase(directory, schema, (warning) => answer({ warning }))
  try {
    return work(main.connection)
  } catch (error) {
    if (!isDamage(error)) throw error
    const damaged = main
    main = undefined
    lost = damaged.discard()
    throw lost
  }
}
