import Koa from 'koa'
import { answer, session } from './data.mjs'

const constant = (ctx) => {
  ctx.body = answer(session.user)
}

export const listeners = {
  bare: () => new Koa().use(constant).callback(),
}
