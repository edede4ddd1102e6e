/**
 * A load balancer with no persistence at all: each request goes to the next backend, and past one that is down.
 * `npm run balance -- 3001 3002 3003` listens on PORT (default 3000). For trying things out, not for production.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

const ports = process.argv.slice(2).map(Number)
let turn = 0

const balancer = createServer(async (req, res) => {
  const body = await buffer(req)
  for (let tried = 0; tried < ports.length; tried++) {
    const port = ports[turn++ % ports.length]
    if (await pass(port, req, body, res)) return
  }
  res.writeHead(502).end('No backend is up.\n')
})

balancer.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`balancing on http://localhost:${(balancer.address() as AddressInfo).port}`)
})
process.on('SIGTERM', () => balancer.close())
process.on('SIGINT', () => balancer.close())

/** False if that backend does not listen, so that another can have the request. */
function pass(port: number | undefined, req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const { method, url: path, headers } = req
    const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(res)
      resolve(true)
    })
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve(false)
      res.destroy()
      resolve(true)
    })
    onward.end(body)
  })
}
