import express from 'express'
import { answer, session } from './data.mjs'

// The profile brings a build of its own, with source maps.
const { sticky } = await import(process.env.BENCH_LIMPET ? `${process.env.BENCH_LIMPET}/index.js` : 'limpet')

/** `sticky()` as the README shows it: secret and Redis from the environment. */
const limpet = (options, route) => () => {
  const app = express()
  app.use(sticky(options))
  app.get('/login', async (req, res) => {
    await req.sticky.session.set(session)
    res.json(answer(session.user))
  })
  return app.get('/', route)
}

const constant = (_req, res) => res.json(answer(session.user))

const read = async (req, res) => res.json(answer(await req.sticky.session.get('user')))

let writes = 0
const write = async (req, res) => {
  await req.sticky.session.set('seen', ++writes)
  res.json(answer(session.user))
}

export const listeners = {
  cookie: limpet({}, constant),
  'first-visit': limpet({}, constant),
  read: limpet({}, read),
  'read-store': limpet({ consistency: 'strict' }, read),
  write: limpet({}, write),
}
