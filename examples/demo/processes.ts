import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Lanes, names } from './lanes.ts'
import { Trouble } from './trouble.ts'

/** Both lanes with each backend in a process of its own; the sticky ones share the Redis at `redisUrl`. */
export async function lanesAsProcesses(redisUrl: string | undefined): Promise<Lanes> {
  if (!redisUrl)
    throw new Trouble('--redis needs REDIS_URL, as in: REDIS_URL=redis://127.0.0.1:6379 npm run demo -- --redis')
  await reach(redisUrl)
  const secret = process.env.LIMPET_SECRET ?? randomBytes(32).toString('base64url')
  const env = { ...process.env, REDIS_URL: redisUrl, LIMPET_SECRET: secret }
  const children: ChildProcess[] = []
  const start = async (lane: 'alone' | 'sticky', name: string) => {
    const child = fork(fileURLToPath(new URL('backend.ts', import.meta.url)), [lane, name], { env })
    children.push(child)
    const gone = once(child, 'exit').then(([code]) => {
      throw new Trouble(`backend ${name} ended with code ${code} before it was ready`)
    })
    const [url] = await Promise.race([once(child, 'message'), gone])
    gone.catch(() => undefined)
    return String(url)
  }
  const close = async () => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exit = once(child, 'exit')
        child.kill('SIGTERM')
        await exit
      }),
    )
  }
  try {
    const alone = await Promise.all(names.map((name) => start('alone', name)))
    const sticky = await Promise.all(names.map((name) => start('sticky', name)))
    return { alone, sticky, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Says at once that there is no Redis, rather than in the middle of a play. Never prints the URL: it may hold a password. */
async function reach(redisUrl: string): Promise<void> {
  if (!URL.canParse(redisUrl) || !/^rediss?:$/.test(new URL(redisUrl).protocol)) {
    throw new Trouble('REDIS_URL is not a URL of a Redis: write it as redis://127.0.0.1:6379')
  }
  const { hostname, port } = new URL(redisUrl)
  const socket = connect({ host: hostname || '127.0.0.1', port: Number(port) || 6379, timeout: 5000 })
  try {
    socket.once('timeout', () => socket.destroy(new Error('no answer within 5 seconds')))
    await once(socket, 'connect')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Trouble(`cannot reach the Redis at ${hostname}:${port || 6379} (REDIS_URL): ${why}`)
  } finally {
    socket.destroy()
  }
}
