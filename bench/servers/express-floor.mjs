import express from 'express'
import { answer, session } from './data.mjs'
import { floor } from './floor.mjs'

export const listeners = {
  cookie: () =>
    express()
      .use((req, res, next) => {
        floor(req, res)
        next()
      })
      .get('/', (_req, res) => res.json(answer(session.user))),
}
