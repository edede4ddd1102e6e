import { LimpetError } from '../core/errors.ts'

const ENTRIES = {
  limpet: 'this sticky() is for Koa, and was given to Express, Connect or node:http',
  'limpet/koa': 'this sticky() is for Express, Connect and node:http, and was given to Koa',
}

/** For the sticky of one framework in the application of another. `right` is the entry that fits. */
export function wrongEntry(right: keyof typeof ENTRIES): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `${ENTRIES[right]}: import { sticky } from '${right}', and write app.use(sticky())`,
  )
}

/**
 * Makes `app.use(what)` fail when the application starts instead of at the first request: Express and Connect look at the property `handle` of
 * what they are given, Koa at `_name`, and no other reader has a reason to.
 */
export function refuseAt<F extends object>(what: F, looksAt: 'handle' | '_name', error: () => LimpetError): F {
  Object.defineProperty(what, looksAt, {
    get() {
      throw error()
    },
  })
  return what
}
