import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort, startRedis } from '../support/redis-server.ts'
import { Scene } from './support/scene.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})
afterEach(() => scene.end())

const CLIENTS = {
  ioredis: "new (await import('ioredis')).Redis(url, { lazyConnect: true })",
  'node-redis': "(await import('redis')).createClient({ url })",
  'ioredis 5': "new (await import('ioredis5')).Redis(url, { lazyConnect: true })",
  'node-redis 5': "(await import('redis5')).createClient({ url })",
}

/** A server that answers one request, and closes; nobody keeps the handle of sticky(). Returns what it printed when it has ended. */
function run(url: string, client: string): Promise<string> {
  const program = `
    const url = ${JSON.stringify(url)}
    const { sticky } = await import('./src/index.ts')
    const { redisStore } = await import('./src/redis.ts')
    const { createServer, get } = await import('node:http')
    const middleware = sticky({ secret: 'x'.repeat(40), store: redisStore(${client}), storeTimeout: 1000 })
    const server = createServer((req, res) => middleware(req, res, async () => {
      const saved = await req.sticky.session.set('a', 1).then(() => 'saved', (error) => error.code)
      res.end(saved)
    }))
    server.listen(0, '127.0.0.1', () => get({ port: server.address().port, agent: false }, (res) => {
      res.on('data', (chunk) => console.log(String(chunk))).on('end', () => server.close())
    }))
  `
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: root })
  scene.add(child, () => child.kill('SIGKILL'))
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  child.stderr.on('data', (chunk) => {
    printed += chunk
  })
  return new Promise((resolve) => child.on('close', () => resolve(printed.trim())))
}

describe.each(Object.entries(CLIENTS))('a process ends when its server has closed: %s', (_name, client) => {
  test('with Redis there', async () => {
    const redis = scene.add(await startRedis(), (server) => server.stop())
    expect(await run(redis.url, client)).toBe('saved')
  })

  test('with Redis away', async () => {
    const printed = await run(`redis://127.0.0.1:${await freePort()}`, client)
    expect(printed).toContain('ERR_LIMPET_STORE')
  })
})
