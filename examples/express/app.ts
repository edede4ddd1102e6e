import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Request } from 'express'
import { sticky } from 'limpet'

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

// LIMPET_SECRET and REDIS_URL come from the environment. With BACKEND_ID a backend keeps its name when it starts again.
const limpet = sticky({ backend: { id: process.env.BACKEND_ID } })
const app = express()
// Behind a balancer that ends TLS: X-Forwarded-Proto is believed, so that the cookie is marked Secure.
app.set('trust proxy', process.env.TRUST_PROXY === '1' ? 1 : false)
app.use(limpet)
app.use(express.json({ limit: '4kb' }))

app.get('/', async (req, res) => {
  res.json(await show(req))
})

app.post('/visits', async (req, res) => {
  await req.sticky.session.update('visits', (visits = 0) => visits + 1)
  res.json(await show(req))
})

app.post('/cart', async (req, res) => {
  const item = req.body?.item
  if (!products.includes(item)) return res.status(404).json({ error: `one of: ${products.join(', ')}` })
  // Not get, change, set: of two requests at once, the later one would overwrite what the other added.
  await req.sticky.session.update('cart', (cart = {}) => ({ ...cart, [item]: (cart[item] ?? 0) + 1 }))
  res.json(await show(req))
})

app.post('/login', async (req, res) => {
  const { name, password } = req.body ?? {}
  if (!passwords.has(name) || passwords.get(name) !== password)
    return res.status(401).json({ error: 'try ada, limpet' })
  // A new id: who knew the old one is not logged in with it. The cart comes along.
  await req.sticky.regenerate({ user: name })
  res.redirect(303, '/')
})

app.post('/logout', async (req, res) => {
  await req.sticky.session.destroy()
  res.redirect(303, '/')
})

async function show({ sticky: { session, backend, owner } }: Request) {
  const { user, cart = {}, visits = 0 } = await session.all()
  return { backend, owner, user, cart, visits, stale: session.stale, behind: session.behind }
}

app.use((_req, res) => void res.status(404).json({ error: 'not found' }))
// limpet's errors have a status: 503 when Redis does not answer, 409 after a logout in another window.
const failed: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  const status = error.status ?? 500
  if (status === 503) res.set('Retry-After', '2')
  res.status(status).json({ error: status === 500 ? 'our mistake' : error.message, code: error.code })
}
app.use(failed)

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`)
})
// Running requests finish first: they still need the store. Twice is once: npm and a shell may both pass a signal on.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => server.listening && server.close(() => limpet.close()))
}
