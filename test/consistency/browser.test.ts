import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { Balancer } from './driver/balancer.ts'
import { Browser } from './driver/browser.ts'
import { Random } from './driver/random.ts'
import { Recorder } from './driver/recorder.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end()
})

const body = { values: { k: 'a' }, status: 200, session: 'sess', boot: 42, behind: false, stale: false }

/** A backend that counts its answers in a cookie; what is asked at /silent is never answered. */
async function site(): Promise<{ balancer: Balancer; cookies: (string | undefined)[] }> {
  const cookies: (string | undefined)[] = []
  const server = createServer((req, res) => {
    cookies.push(req.headers.cookie)
    if (!req.url?.startsWith('/silent')) res.setHeader('set-cookie', `n=${cookies.length}`).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const balancer = new Balancer([Object(server.address()).port], new Random(1))
  cleanUp.push(() => {
    balancer.stop()
    server.closeAllConnections()
    server.close()
  })
  return { balancer, cookies }
}

const look = [{ kind: 'read', key: 'k', value: null }] as const

test('each request carries the cookie of the last response that arrived, and says which that was', async () => {
  const { balancer, cookies } = await site()
  const recorder = new Recorder()
  const browser = new Browser(0, balancer, recorder)
  await browser.send('/', look)
  await Promise.all([browser.send('/late', look, { hold: 60 }), browser.send('/', look)])
  await browser.send('/', look)
  expect(cookies).toEqual([undefined, 'n=1', 'n=1', 'n=2'])
  expect(recorder.ops.map(({ id, cookieFrom }) => [id, cookieFrom])).toEqual([
    [1, -1],
    [3, 1],
    [2, 1],
    [4, 2],
  ])
  expect(recorder.ops[0]).toMatchObject({ value: 'a', boot: 42, lost: false, session: 'sess' })
  expect(browser.seen.map(({ cookie }) => cookie)).toEqual(['n=1', 'n=3', 'n=2', 'n=4'])
})

test('a lost response counts as the backend says, and sets no cookie', async () => {
  const { balancer, cookies } = await site()
  const recorder = new Recorder()
  const browser = new Browser(0, balancer, recorder)
  await browser.send('/', look)
  const lost = browser.send('/silent', look, { hangUp: 10 })
  recorder.hear({ witness: 2, answer: { status: 200, body } })
  expect(await lost).toBe('ok')
  await browser.send('/', look)
  expect(cookies.at(-1)).toBe('n=1')
  expect(recorder.ops.map(({ outcome, lost }) => [outcome, lost])).toEqual([
    ['ok', false],
    ['ok', true],
    ['ok', false],
  ])
})

test('without a word from the backend nobody knows', async () => {
  const { balancer } = await site()
  const recorder = new Recorder(50)
  expect(await new Browser(0, balancer, recorder).send('/silent', look, { hangUp: 10 })).toBe('unknown')
  expect(recorder.ops[0]).toMatchObject({ outcome: 'unknown', lost: true, detail: 'hung up' })
})

test('a twin has the same cookie, and a jar of its own; a ghost puts nothing into any jar', async () => {
  const { balancer, cookies } = await site()
  const browser = new Browser(0, balancer, new Recorder())
  await browser.send('/', look)
  const twin = browser.twin()
  const ghost = browser.ghost()
  await twin.send('/', look)
  await browser.send('/', look, { ghost })
  await browser.send('/', look)
  expect(cookies).toEqual([undefined, 'n=1', 'n=1', 'n=1'])
  expect(twin.ghost().cookie).toBe('n=2')
})
