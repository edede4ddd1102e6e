import { expect } from 'vitest'
import { startRedis } from '../../support/redis-server.ts'
import { until } from '../../support/until.ts'
import { send } from '../support/client.ts'
import { type Fault, homeOn, seen } from './fault.ts'

export const redisAway: Fault = {
  title: 'Redis hangs, or is killed and started again',
  how: 'Two backends; Redis is stopped for longer than a backend is given that does not announce itself, then goes on; then it is killed, and started again, empty.',
  async run(stage) {
    const redis = await startRedis()
    try {
      const [owner, other] = await stage.start(['away1', 'away2'], { redisUrl: redis.url })
      const headers = await homeOn(owner)
      const ask = () => send(other.port, '/who', { headers })
      redis.pause()
      const since = performance.now()
      let hanging = await ask()
      while (performance.now() - since < 9000) {
        hanging = await ask()
        expect(hanging.text).toBe(owner.id)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      expect(other.knows(owner)).toBe('up')
      const write = await send(other.port, '/store', { method: 'POST', headers })
      expect(write.status).toBe(503)
      redis.resume()
      await until(
        async () => (await send(other.port, '/store', { method: 'POST', headers })).status === 200,
        'it writes',
      )
      await redis.kill()
      const dead = await ask()
      await redis.restart()
      await until(
        async () => (await send(other.port, '/store', { method: 'POST', headers })).status === 200,
        'it writes',
      )
      const back = await ask()
      expect([owner.knows(other), other.knows(owner)]).toEqual(['up', 'up'])
      const names = { away1: 'from the owner' }
      return [
        ['`GET` at the other backend, while Redis hangs, for nine seconds', seen(hanging, names)],
        ['`POST` that writes to its session meanwhile', `${write.status}: the owner could not save it, and says so`],
        ['`GET` while Redis is gone', seen(dead, names)],
        ['`GET` after it is there again, empty', seen(back, names)],
      ]
    } finally {
      await stage.end()
      await redis.stop()
    }
  },
}
