import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { healthy } from './driver/probe.ts'

const cleanUp: (() => unknown)[] = []

afterEach(() => {
  for (const end of cleanUp.splice(0)) end()
})

/** A backend whose reads, or writes, fail so many times. */
async function site(failures: number, path: string): Promise<{ port: number; asked: string[] }> {
  const asked: string[] = []
  let left = failures
  const server = createServer((req, res) => {
    asked.push(`${req.url} ${req.headers.cookie ?? ''}`.trim())
    const fails = req.url?.startsWith(path) && left-- > 0
    res.writeHead(fails ? 503 : 200, { 'set-cookie': `from=${port}; Path=/` }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => server.close())
  const port: number = Object(server.address()).port
  return { port, asked }
}

test('waits until every backend writes, and reads what another has written', async () => {
  const [one, two] = await Promise.all([site(2, '/set'), site(3, '/get')])
  await healthy([one.port, two.port], () => false)
  expect(one.asked.filter((asked) => asked.startsWith('/set')).length).toBeGreaterThanOrEqual(6)
  expect(two.asked).toContain(`/get?key=probe from=${one.port}`)
  expect(one.asked).toContain(`/get?key=probe from=${two.port}`)
})

test('asks no more when the time is over', async () => {
  const { port, asked } = await site(0, '/set')
  await healthy([port], () => true)
  expect(asked).toEqual([])
})
