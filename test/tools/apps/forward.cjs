// Two backends in one process: what the owner sees of a request that lands on the other one. `argv`: `undici`, or nothing.
const http = require('node:http')
const { once } = require('node:events')
const { memoryStore, sticky } = require('limpet')
const { undiciHop } = require('limpet/undici')

const store = memoryStore()
const hop = process.argv[2] === 'undici' ? undiciHop : undefined

async function start(id) {
  const server = http.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const backend = { id, url: `http://127.0.0.1:${port}` }
  let isKnown
  const acquainted = new Promise((resolve) => {
    isKnown = resolve
  })
  const limpet = sticky({
    secret: 'the secret of the tracing tests, of more than 32 bytes',
    store,
    backend,
    misdirected: 'forward',
    hop,
    onEvent: ({ type }) => type === 'backend' && isKnown(),
  })
  limpet.attach(server)
  server.on('request', (req, res) => res.end(JSON.stringify({ id, headers: req.headers, raw: req.rawHeaders })))
  return { server, limpet, port, acquainted }
}

function get(port, headers) {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/', headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ ...JSON.parse(body), cookies: response.headers['set-cookie'] }))
    })
    request.on('error', reject)
  })
}

async function main() {
  const [a, b] = [await start('a'), await start('b')]
  await Promise.all([a.acquainted, b.acquainted])
  const { cookies } = await get(a.port, {})
  const cookie = cookies[0].split(';')[0]
  const answer = await get(b.port, { cookie, 'X-Mine': 'kept' })
  console.log(JSON.stringify(answer))
  for (const { limpet, server } of [a, b]) {
    await limpet.close()
    server.closeAllConnections()
    server.close()
  }
}

main()
