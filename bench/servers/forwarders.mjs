// The ways to pass a request on that bench:forward compares: each as the documentation of its library shows it, with connections that are kept
// open. A way takes the port of the owner, and returns a listener for requests and, perhaps, one for upgrades.
import http from 'node:http'

export const ways = {
  'http.request': async (port) => {
    const agent = new http.Agent({ keepAlive: true })
    return [
      (req, res) => {
        const { method, url: path, headers } = req
        const upstream = http.request({ port, agent, method, path, headers }, (answer) => {
          res.writeHead(answer.statusCode, answer.headers)
          answer.pipe(res)
        })
        req.pipe(upstream)
      },
    ]
  },

  'undici request': async (port) => {
    const { Pool } = await import('undici')
    const pool = new Pool(`http://127.0.0.1:${port}`)
    return [
      async (req, res) => {
        const { connection, ...headers } = req.headers
        const body = req.method === 'GET' ? null : req
        const answer = await pool.request({ method: req.method, path: req.url, headers, body })
        res.writeHead(answer.statusCode, answer.headers)
        answer.body.pipe(res)
      },
    ]
  },

  'undici dispatch': async (port) => {
    const { Pool } = await import('undici')
    const pool = new Pool(`http://127.0.0.1:${port}`)
    return [
      (req, res) => {
        const { connection, ...headers } = req.headers
        const body = req.method === 'GET' ? null : req
        pool.dispatch({ method: req.method, path: req.url, headers, body }, handlerFor(res))
      },
    ]
  },

  httpxy: async (port) => {
    const { createProxyServer } = await import('httpxy')
    const proxy = createProxyServer({ agent: new http.Agent({ keepAlive: true }) })
    const target = `http://127.0.0.1:${port}`
    return [
      (req, res) => proxy.web(req, res, { target }).catch(() => res.destroy()),
      (req, socket, head) => proxy.ws(req, socket, { target }, head).catch(() => socket.destroy()),
    ]
  },

  'http-proxy-3': async (port) => {
    const { createProxyServer } = await import('http-proxy-3')
    const proxy = createProxyServer({ agent: new http.Agent({ keepAlive: true }), target: `http://127.0.0.1:${port}` })
    // Without a listener it throws when a client goes away.
    proxy.on('error', (_error, _req, place) => place?.destroy?.())
    return [(req, res) => proxy.web(req, res), (req, socket, head) => proxy.ws(req, socket, head)]
  },
}

const handlerFor = (res) => ({
  onRequestStart(controller) {
    res.on('drain', () => controller.resume())
  },
  onResponseStart(controller, status) {
    res.writeHead(status, controller.rawHeaders.map(String))
  },
  onResponseData(controller, chunk) {
    if (!res.write(chunk)) controller.pause()
  },
  onResponseEnd: () => res.end(),
  onResponseError: () => res.destroy(),
})
