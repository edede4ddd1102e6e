import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cores } from './cores.ts'

const serverFile = fileURLToPath(new URL('../servers/server.mjs', import.meta.url))

export interface Usage {
  readonly requests: number
  /** Microseconds of CPU, user and system, of all threads. */
  readonly cpu: number
}

export interface Server {
  readonly url: string
  usage(): Promise<Usage>
  /** Bytes that are reachable in it; the server must run with --expose-gc. */
  heap(): Promise<number>
  stop(): Promise<void>
}

export interface ServerSettings {
  readonly node: string
  readonly cores: Cores
  readonly redisUrl: string
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

type Message =
  | { type: 'ready'; port: number }
  | { type: 'usage'; requests: number; cpu: { user: number; system: number } }
  | { type: 'heap'; bytes: number }

/** One subject in a process of its own; resolves when it listens. */
export async function startServer(subject: string, settings: ServerSettings): Promise<Server> {
  const args = [...(settings.nodeArgs ?? []), serverFile, subject]
  const [program, programArgs] = settings.cores.serverCommand(settings.node, args)
  const child = spawn(program, programArgs, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...settings.env,
      NODE_ENV: 'production',
      REDIS_URL: settings.redisUrl,
      LIMPET_SECRET: 'the bench signs with this; it is not a secret',
    },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = await nextMessage(child, subject)
  if (ready.type !== 'ready') throw new Error(`${subject} answered before it was ready`)
  return {
    url: `http://127.0.0.1:${ready.port}`,
    usage: async () => {
      child.send('usage')
      const message = await nextMessage(child, subject)
      if (message.type !== 'usage') throw new Error(`${subject} did not answer what it was asked`)
      return { requests: message.requests, cpu: message.cpu.user + message.cpu.system }
    },
    heap: async () => {
      child.send('heap')
      const message = await nextMessage(child, subject)
      if (message.type !== 'heap') throw new Error(`${subject} did not answer what it was asked`)
      return message.bytes
    },
    stop: async () => {
      child.send('exit')
      await exited
    },
  }
}

function nextMessage(child: ChildProcess, subject: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`the server of ${subject} ended with ${code}`))
    child.once('exit', gone)
    child.once('error', reject)
    child.once('message', (message) => {
      child.off('exit', gone)
      child.off('error', reject)
      resolve(message as Message)
    })
  })
}
