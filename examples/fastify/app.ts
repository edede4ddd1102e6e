import { type FastifyRequest, fastify } from 'fastify'
import type {} from 'limpet'
import { sticky } from 'limpet/fastify'

// With this, `session.get('cart')` has a type, and `session.set('user', 42)` does not compile.
declare module 'limpet' {
  interface SessionData {
    user: string
    cart: Record<string, number>
    visits: number
  }
}

const products = ['bucket', 'net', 'towel']
const passwords = new Map([['ada', 'limpet']]) // a real shop keeps a hash of each (scrypt, argon2)

// With TRUST_PROXY X-Forwarded-Proto is believed, so that the cookie is Secure behind a balancer that ends TLS.
const app = fastify({ trustProxy: process.env.TRUST_PROXY === '1', bodyLimit: 4096 })
// LIMPET_SECRET and REDIS_URL come from the environment. With BACKEND_ID a backend keeps its name when it starts again.
await app.register(sticky({ backend: { id: process.env.BACKEND_ID } }))

app.get('/', show)

app.post('/visits', async (request) => {
  await request.sticky.session.update('visits', (visits = 0) => visits + 1)
  return show(request)
})

app.post<{ Body?: { item?: string } }>('/cart', async (request, reply) => {
  const item = request.body?.item ?? ''
  if (!products.includes(item)) return reply.code(404).send({ error: `one of: ${products.join(', ')}` })
  // Not get, change, set: of two requests at once, the later one would overwrite what the other added.
  await request.sticky.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  return show(request)
})

app.post<{ Body?: { name?: string; password?: string } }>('/login', async (request, reply) => {
  const { name = '', password } = request.body ?? {}
  if (!passwords.has(name) || passwords.get(name) !== password)
    return reply.code(401).send({ error: 'try ada, limpet' })
  // A new id: who knew the old one is not logged in with it. The cart comes along.
  await request.sticky.regenerate({ user: name })
  return reply.redirect('/', 303)
})

app.post('/logout', async (request, reply) => {
  await request.sticky.session.destroy()
  return reply.redirect('/', 303)
})

async function show({ sticky: { session, backend, owner } }: Pick<FastifyRequest, 'sticky'>) {
  const { user, cart = {}, visits = 0 } = await session.all()
  return { backend, owner, user, cart, visits, stale: session.stale, behind: session.behind }
}

// limpet's errors have a status: 503 when Redis does not answer, 409 after a logout in another window.
app.setErrorHandler<Error & { status?: number; statusCode?: number; code?: string }>((error, _request, reply) => {
  const status = error.status ?? error.statusCode ?? 500
  if (status === 503) reply.header('Retry-After', '2')
  return reply.code(status).send({ error: status === 500 ? 'our mistake' : error.message, code: error.code })
})

// One address: "localhost" may be two, and then Fastify opens two servers.
const url = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '0.0.0.0' })
console.log(`listening on http://localhost:${new URL(url).port}`)

// Running requests finish first: they still need the store. Then app.close() closes limpet, too.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // A connection that only waits for a next request is not waited for: Fastify's own limit is 72 seconds.
    app.server.keepAliveTimeout = 1
    app.close()
  })
}
