import { Agent, type IncomingMessage, request } from 'node:http'
import type { Histogram } from 'hdr-histogram-js'
import { newLatencies } from './latencies.ts'
import type { Load } from './load.ts'

/**
 * A fixed number of requests per second, below what any subject can answer. At saturation a latency says only how many
 * connections wait; here it says what one request takes. (autocannon's overallRate sends a whole second's requests at
 * once and then pauses: the queue again.) A request that had to wait for a free client counts from when it was due, so
 * a server that stops answering cannot hide it. Resolves to the latencies in microseconds.
 */
export async function paced(load: Load, rate: number, seconds: number): Promise<Histogram> {
  const latencies = newLatencies()
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
  const free = Array.from({ length: load.connections }, (_, i) => load.jars?.[i % load.jars.length])
  const total = Math.round(rate * seconds)
  const start = performance.now()
  let ticking: NodeJS.Timeout | undefined
  const due = (n: number) => start + (n * 1000) / rate
  let sent = 0
  let answered = 0
  let starved = false
  const running = new Promise<void>((resolve, reject) => {
    const send = (since: number) => {
      const jar = free.pop()
      sent++
      const req = request(load.url, { agent, headers: jar ? { cookie: jar.header } : {} }, (res) => {
        for (const cookie of res.headers['set-cookie'] ?? []) jar?.absorb(cookie)
        readBody(res, (body) => {
          if (res.statusCode !== 200 || body !== load.expectedBody)
            reject(new Error(`answered ${res.statusCode}: ${body}`))
          latencies.recordValue(Math.round((performance.now() - since) * 1000))
          free.push(jar)
          if (++answered === total) resolve()
        })
      })
      req.on('error', reject).end()
    }
    ticking = setInterval(() => {
      while (sent < total && due(sent) <= performance.now()) {
        if (free.length === 0) {
          starved = true
          return
        }
        send(starved ? due(sent) : performance.now())
      }
      starved = false
    }, 1)
  })
  try {
    await running
  } finally {
    clearInterval(ticking)
    agent.destroy()
  }
  return latencies
}

function readBody(res: IncomingMessage, done: (body: string) => void): void {
  let body = ''
  res.setEncoding('utf8')
  res.on('data', (chunk: string) => {
    body += chunk
  })
  res.on('end', () => done(body))
}
