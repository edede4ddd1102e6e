import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisStore } from '../../src/redis.ts'
import { type SentinelSetup, startSentinels } from '../support/redis-sentinel.ts'
import { until } from '../support/until.ts'
import { Backend } from './support/backend.ts'
import { Load } from './support/load.ts'
import { Scene } from './support/scene.ts'

const scene = new Scene()
let setup: SentinelSetup

beforeAll(async () => {
  setup = scene.add(await startSentinels(), (one) => one.stop())
})
afterAll(() => scene.end())

async function start(): Promise<Backend> {
  const client = new Redis({
    sentinels: [...setup.sentinels],
    name: setup.name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    failoverDetector: true,
    retryStrategy: () => 50,
  })
  client.on('error', () => undefined)
  scene.add(client, (one) => one.disconnect())
  await until(() => client.status === 'ready', 'the client is connected')
  const backend = scene.add(await Backend.start(redisStore(client), { storeTimeout: '500ms' }), (one) => one.close())
  await until(() => backend.invalidation === 'up', 'changes are told')
  return backend
}

test('two failovers under load, one asked for and one by death: what was acknowledged is there, or its loss is announced', {
  timeout: 90_000,
}, async () => {
  const backends = [await start(), await start()]
  const load = scene.add(new Load(backends, 10), (one) => one.stop())
  load.start()
  await until(() => load.everyoneWrote(), 'everyone has written')

  const first = await setup.master()
  await setup.failover()
  await until(async () => (await setup.master()) !== first, 'another server is the master', 30_000)
  load.forgetWho()
  await until(() => load.everyoneWrote(), 'everyone writes again', 30_000)

  const second = await setup.master()
  await second.kill()
  await until(async () => (await setup.master()) !== second, 'a third server is the master', 30_000)
  load.forgetWho()
  await until(() => load.everyoneWrote(), 'everyone writes again', 30_000)

  await load.stopAndCheck()
  // Copies are trusted again, and with the server that is asked now.
  await until(() => backends.every((backend) => backend.invalidation === 'up'), 'changes are told again')
  expect(backends.flatMap((backend) => backend.ofType('warning'))).toEqual([])
})
