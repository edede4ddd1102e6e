// One application of one framework, visited two times by one client. Prints what came back.
const http = require('node:http')

const count = async ({ session }) => String(await session.update('visits', (n) => (n ?? 0) + 1))

const frameworks = {
  express(handle) {
    const app = require('express')()
    app.use(handle)
    app.get('/', async (req, res) => res.send(await count(req.sticky)))
    return http.createServer(app)
  },
  koa(handle) {
    const app = new (require('koa'))()
    app.use(handle)
    app.use(async (ctx) => {
      ctx.body = await count(ctx.sticky)
    })
    return http.createServer(app.callback())
  },
  connect(handle) {
    const app = require('connect')()
    app.use(handle)
    app.use(async (req, res) => res.end(await count(req.sticky)))
    return http.createServer(app)
  },
  polka(handle) {
    const app = require('polka')()
    app.use(handle)
    app.get('/', async (req, res) => res.end(await count(req.sticky)))
    return http.createServer(app.handler)
  },
  restify(handle) {
    const app = require('restify').createServer({ name: 'shop' })
    app.use(handle)
    app.get('/', async (req, res) => {
      res.contentType = 'text/plain'
      res.send(200, await count(req.sticky))
    })
    return app.server
  },
}

async function main(name) {
  const { sticky } = require(name === 'koa' ? 'limpet/koa' : 'limpet')
  const handle = sticky({ secret: 'x'.repeat(40) })
  const server = frameworks[name](handle)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const visit = (cookie) =>
    new Promise((resolve, reject) => {
      const headers = cookie === undefined ? {} : { cookie }
      http
        .get({ host: '127.0.0.1', port: server.address().port, agent: false, headers }, (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () =>
            resolve({ status: response.statusCode, body, cookies: response.headers['set-cookie'] ?? [] }),
          )
        })
        .on('error', reject)
    })
  const first = await visit()
  const second = await visit(first.cookies[0]?.split(';')[0])
  console.log(JSON.stringify([first, second]))
  server.close()
  await handle.close()
}

main(process.argv[2])
