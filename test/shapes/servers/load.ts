import { createRequire } from 'node:module'
import type expressTypes from 'express'
import type { fastify } from 'fastify'
import type KoaTypes from 'koa'

// The older majors are installed under names of their own, which have no type declarations.
const require = createRequire(import.meta.url)

export const loadExpress = (name: 'express' | 'express4'): typeof expressTypes => require(name)
export const loadKoa = (name: 'koa' | 'koa2'): typeof KoaTypes => {
  const loaded = require(name)
  return loaded.default ?? loaded
}
export const loadFastify = (name: 'fastify' | 'fastify4'): typeof fastify => require(name)
