import { RedisStore } from 'connect-redis'
import express from 'express'
import expressSession from 'express-session'
import { Redis } from 'ioredis'
import { answer, session } from './data.mjs'

/** As connect-redis' README shows it, with the two options that spare Redis the most. */
const connectRedis = (route) => () => {
  const app = express()
  const store = new RedisStore({ client: new Redis(process.env.REDIS_URL), prefix: 'theirs:' })
  app.use(expressSession({ store, secret: process.env.LIMPET_SECRET, resave: false, saveUninitialized: false }))
  app.get('/login', (req, res) => {
    Object.assign(req.session, session)
    res.json(answer(session.user))
  })
  return app.get('/', route)
}

let writes = 0

export const listeners = {
  read: connectRedis((req, res) => res.json(answer(req.session.user))),
  write: connectRedis((req, res) => {
    req.session.seen = ++writes
    res.json(answer(session.user))
  }),
}
