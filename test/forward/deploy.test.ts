import { afterAll, expect, inject, it } from 'vitest'
import { until } from '../support/until.ts'
import { cookieOf, send } from './support/client.ts'
import { acquainted, BackendProcess } from './support/process.ts'

const started: BackendProcess[] = []
afterAll(async () => {
  for (const one of started) await one.kill()
})

async function start(id: string, port?: number): Promise<BackendProcess> {
  const backend = await BackendProcess.start(id, inject('redisUrl'), 'worker.ts', [], port)
  started.push(backend)
  return backend
}

/** A balancer that sends each request to the next backend which says that it is ready, and to another one where nobody takes the connection. */
class Balancer {
  readonly #ports: readonly number[]
  #ready = new Set<number>()
  #next = 0
  #timer: NodeJS.Timeout | undefined

  constructor(ports: readonly number[]) {
    this.#ports = ports
    this.#look()
  }

  async send(path: string, cookie: string | undefined) {
    for (let tries = 0; tries < 10; tries++) {
      const ready = this.#ports.filter((port) => this.#ready.has(port))
      const port = ready[this.#next++ % ready.length] ?? 0
      try {
        return await send(port, path, {
          method: 'POST',
          body: '',
          ...(cookie !== undefined && { headers: { cookie } }),
        })
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')) throw error
        this.#ready.delete(port)
      }
    }
    throw new Error('nobody takes a connection')
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  isReady(port: number): boolean {
    return this.#ready.has(port)
  }

  #look(): void {
    const asked = this.#ports.map(async (port) => {
      const { status } = await send(port, '/ready').catch(() => ({ status: 0 }))
      if (status === 200) this.#ready.add(port)
      else this.#ready.delete(port)
    })
    const again = Promise.all(asked).then(() => {
      if (this.#timer) this.#timer = setTimeout(() => this.#look(), 100)
    })
    this.#timer ??= setTimeout(() => undefined)
    void again
  }
}

/** Counts in its session, one request after the other, and writes down what was not as it should be. */
async function count(balancer: Balancer, isOver: () => boolean): Promise<{ wrong: string[]; requests: number }> {
  const wrong: string[] = []
  let cookie: string | undefined
  let requests = 0
  while (!isOver()) {
    try {
      const answer = await balancer.send('/count', cookie)
      cookie = cookieOf(answer) || cookie
      if (answer.text !== String(++requests)) wrong.push(`request ${requests}: ${answer.status} ${answer.text}`)
    } catch (error) {
      wrong.push(`request ${++requests}: ${error}`)
    }
    if (wrong.length > 5) break
  }
  return { wrong, requests }
}

it('a rolling deploy of three backends under load loses no request and no session (law 8)', async () => {
  const ids = ['deploy-1', 'deploy-2', 'deploy-3']
  const backends = await Promise.all(ids.map((id) => start(id)))
  await acquainted(backends)
  const balancer = new Balancer(backends.map(({ port }) => port))
  await until(() => backends.every(({ port }) => balancer.isReady(port)), 'all are ready')
  let isOver = false
  const clients = Array.from({ length: 8 }, () => count(balancer, () => isOver))
  try {
    for (const [n, old] of backends.entries()) {
      expect(await old.terminate()).toBe(0)
      const young = await start(old.id, old.port)
      backends[n] = young
      await until(() => balancer.isReady(young.port), 'the new one is ready')
    }
  } finally {
    isOver = true
    balancer.stop()
  }
  for (const { wrong, requests } of await Promise.all(clients)) {
    expect(wrong).toEqual([])
    expect(requests).toBeGreaterThan(20)
  }
  const forwarded = started.flatMap(({ events }) => events.filter(({ type }) => type === 'forward'))
  expect(forwarded.length).toBeGreaterThan(100)
  expect(new Set(forwarded.map((event) => event.type === 'forward' && event.outcome))).not.toContain('broken')
}, 120_000)
