import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startRedis } from '../../test/support/redis-server.ts'
import type { Cores } from '../lib/cores.ts'

const file = fileURLToPath(new URL('../servers/forward.mjs', import.meta.url))

/** What passes requests on, and what they are measured against. */
export const WAYS = [
  'limpet away',
  'limpet undici away',
  'undici dispatch',
  'undici request',
  'http.request',
  'httpxy',
  'http-proxy-3',
] as const
/** No forward: a bare server, and one with limpet whose requests are at home. */
export const HOMES = ['home', 'limpet home'] as const
export type Name = (typeof WAYS)[number] | (typeof HOMES)[number]

export interface Usage {
  /** Microseconds. */
  readonly cpu: number
  /** Bytes. */
  readonly heap: number
}

export interface Backend {
  readonly name: Name
  readonly port: number
  usage(): Promise<Usage>
}

/** The owners on one core with the load; what is measured has the other one to itself. */
export interface Site {
  readonly backends: ReadonlyMap<Name, Backend>
  /** The Cookie header of a session that is at home on the owner. */
  readonly cookie: string
  /** That of one which is at home on `limpet home`. */
  readonly homeCookie: string
  stop(): Promise<void>
}

export async function startSite(cores: Cores, node: string): Promise<Site> {
  const redis = await startRedis()
  const children: ChildProcess[] = []
  const known = new Set<string>()
  const start = async (
    how: Name | 'limpet owner home' | 'owner home',
    owner: number | undefined,
    isMeasured: boolean,
  ) => {
    const args = ['--expose-gc', file, how === 'owner home' ? 'home' : how, String(owner ?? '')]
    const [program, programArgs] = isMeasured ? cores.serverCommand(node, args) : [node, args]
    const env = { ...process.env, NODE_ENV: 'production', REDIS_URL: redis.url, LIMPET_SECRET: SECRET }
    const child = spawn(program, programArgs, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env })
    children.push(child)
    child.on('message', ({ type, id }: { type: string; id: string }) => type === 'peer' && known.add(`${how} ${id}`))
    const { port } = await message<{ port: number }>(child, 'ready')
    return { port, usage: () => usageOf(child) }
  }
  const owner = await start('owner home', undefined, false)
  const limpetOwner = await start('limpet owner home', undefined, false)
  const backends = new Map<Name, Backend>()
  for (const name of [...HOMES, ...WAYS]) backends.set(name, { name, ...(await start(name, owner.port, true)) })
  const aways = WAYS.filter((name) => name.startsWith('limpet'))
  while (!aways.every((name) => known.has(`${name} limpet-owner-home`)))
    await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    backends,
    cookie: await cookieFrom(limpetOwner.port),
    homeCookie: await cookieFrom(backends.get('limpet home')?.port ?? 0),
    async stop() {
      for (const child of children) if (child.connected) child.send('exit')
      await redis.stop()
    },
  }
}

const SECRET = 'the bench signs with this; it is not a secret'

async function cookieFrom(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`)
  await answer.text()
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = message<{ cpu: NodeJS.CpuUsage; heap: number }>(child, 'usage')
  child.send('usage')
  const { cpu, heap } = await answer
  return { cpu: cpu.user + cpu.system, heap }
}

function message<Body>(child: ChildProcess, type: string): Promise<Body> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`a server of the bench ended (${code})`))
    const hear = (body: { type: string } & Body) => {
      if (body.type !== type) return
      child.off('message', hear)
      child.off('exit', gone)
      resolve(body)
    }
    child.on('message', hear)
    child.once('exit', gone)
  })
}
