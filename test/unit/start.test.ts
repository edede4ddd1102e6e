import { createRequire } from 'node:module'
import express from 'express'
import Koa from 'koa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LimpetEvent, memoryStore, sticky } from '../../src/index.ts'
import { sticky as koaSticky } from '../../src/koa.ts'

const require = createRequire(import.meta.url)
// The older majors have no type declarations under these names.
const express4: typeof express = require('express4')
const Koa2: typeof Koa = require('koa2')

const SECRET = '0123456789abcdef0123456789abcdef'
const uncalled = expect.objectContaining({
  code: 'ERR_LIMPET_OPTIONS',
  message: expect.stringContaining('app.use(sticky())'),
})

beforeEach(() => {
  for (const name of ['LIMPET_SECRET', 'REDIS_URL', 'NODE_ENV']) vi.stubEnv(name, undefined)
})
afterEach(() => void vi.unstubAllEnvs())

describe('app.use(sticky), without the call, fails when the application starts', () => {
  it.each([
    ['Express 4', () => express4().use(sticky as never)],
    ['Express 4, on a path', () => express4().use('/shop', sticky as never)],
    ['Express 5', () => express().use(sticky as never)],
    ['Express 5, in a list', () => express().use([sticky as never])],
    ['Koa 2', () => new Koa2().use(koaSticky as never)],
    ['Koa 3', () => new Koa().use(koaSticky as never)],
  ])('%s', (_, start) => {
    expect(start).toThrow(uncalled)
  })

  it('with the call it starts', () => {
    const options = { secret: SECRET }
    for (const start of [express4, express]) expect(() => start().use(sticky(options))).not.toThrow()
    for (const App of [Koa2, Koa]) expect(() => new App().use(koaSticky(options))).not.toThrow()
  })

  it('where nobody looks at start, the first request fails with the same words', () => {
    const request = { method: 'GET', headers: {}, url: '/' }
    expect(() => sticky(request as never)).toThrow(uncalled)
    expect(() => koaSticky(request as never)).toThrow(uncalled)
  })
})

describe('what sticky() says at start', () => {
  const heard = (options: Parameters<typeof sticky>[0] = {}) => {
    const events: LimpetEvent[] = []
    sticky({ ...options, onEvent: (event) => events.push(event) })
    return events.map((event) => (event.type === 'warning' ? event.code : event.type))
  }

  it('in production without a secret: it does not start', () => {
    vi.stubEnv('NODE_ENV', 'production')
    for (const start of [sticky, koaSticky]) {
      expect(() => start()).toThrow(expect.objectContaining({ code: 'ERR_LIMPET_SECRET' }))
    }
  })

  it('elsewhere without a secret: a warning, once', () => {
    expect(heard()).toEqual(['random-secret'])
    vi.stubEnv('LIMPET_SECRET', SECRET)
    expect(heard()).toEqual([])
  })

  it('in production without Redis: that backends do not share memory', () => {
    vi.stubEnv('NODE_ENV', 'production')
    vi.stubEnv('LIMPET_SECRET', SECRET)
    expect(heard()).toEqual(['memory-store'])
    expect(heard({ store: memoryStore() })).toEqual([])
  })

  it('to Node, where nobody listens', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    sticky()
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('Set LIMPET_SECRET'), { type: 'LimpetWarning', code: 'LIMPET_RANDOM_SECRET' }],
    ])
    warn.mockRestore()
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the listener is broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the listener is broken'))],
  ])('a listener that %s does not stop the start, and Node hears of it', async (_, onEvent: () => unknown) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    expect(() => sticky({ onEvent: onEvent as () => void })).not.toThrow()
    await new Promise((resolve) => setImmediate(resolve))
    expect(warn.mock.calls).toEqual([[expect.stringContaining('the listener is broken'), expect.anything()]])
    warn.mockRestore()
  })
})
