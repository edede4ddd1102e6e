import express, { type RequestHandler } from 'express'
import { answer, type Served } from './app.ts'
import { serve } from './serve.ts'

declare module 'express-session' {
  interface SessionData {
    [key: string]: unknown
  }
}

/** An application as it is written for express-session. */
export function serveSessions(
  session: RequestHandler,
  flagsOf: (req: object) => { behind: boolean; stale: boolean } = () => ({ behind: false, stale: false }),
): void {
  const app = express()
  app.use(session)
  app.use(async (req, res) => {
    const served: Served = {
      id: () => req.sessionID,
      get: async (key) => req.session[key],
      all: async () => data(),
      set: async (values) => {
        Object.assign(req.session, values)
        await promised((done) => req.session.save(done))
      },
      add: async (key) => {
        const value = Number(req.session[key] ?? 0) + 1
        req.session[key] = value
        await promised((done) => req.session.save(done))
        return value
      },
      logout: async () => {
        await promised((done) => req.session.destroy(done))
        res.clearCookie('connect.sid')
      },
      login: async () => {
        const kept = data()
        await promised((done) => req.session.regenerate(done))
        Object.assign(req.session, kept)
        await promised((done) => req.session.save(done))
      },
      flags: () => flagsOf(req),
      flush: () => res.flushHeaders(),
      awaits: true,
    }
    const { status, body } = await answer(req.url, served)
    if (res.headersSent) res.end(JSON.stringify(body))
    else res.status(status).json(body)

    function data(): Record<string, unknown> {
      const { cookie: _, ...values } = req.session
      return values
    }
  })
  serve(app)
}

function promised(call: (done: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())))
}
