import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Lanes, type Starter, startLanes } from './lanes.ts'
import { Trouble } from './trouble.ts'

/** All lanes with each backend in a process of its own; those that share a store share the Redis at `redisUrl`. */
export async function lanesAsProcesses(redisUrl: string | undefined): Promise<Lanes> {
  if (!redisUrl)
    throw new Trouble('--redis needs REDIS_URL, as in: REDIS_URL=redis://127.0.0.1:6379 npm run demo -- --redis')
  await reach(redisUrl)
  const secret = process.env.LIMPET_SECRET ?? randomBytes(32).toString('base64url')
  return startLanes(startProcess({ ...process.env, REDIS_URL: redisUrl, LIMPET_SECRET: secret }))
}

function startProcess(env: NodeJS.ProcessEnv): Starter {
  return async (lane, name, prices) => {
    const child = fork(fileURLToPath(new URL('backend.ts', import.meta.url)), [lane, name, prices], { env })
    const exit = once(child, 'exit')
    const gone = exit.then(([code]) => {
      throw new Trouble(`backend ${name} ended with code ${code} before it was ready`)
    })
    const [url] = await Promise.race([once(child, 'message'), gone])
    gone.catch(() => undefined)
    return {
      url: String(url),
      async close() {
        child.kill('SIGTERM')
        await exit
      },
    }
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
