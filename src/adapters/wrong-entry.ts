import { LimpetError } from '../core/errors.ts'

const ENTRIES = {
  limpet: 'this sticky() is for Koa, and was given to Express, Connect or node:http',
  'limpet/koa': 'this sticky() is for Express, Connect and node:http, and was given to Koa',
}

/**
 * For the sticky of one framework in the application of another, told by how it is called. Not earlier: what frameworks read of a function that
 * is mounted, monitors and loggers read as well. `right` is the entry that fits.
 */
export function wrongEntry(right: keyof typeof ENTRIES): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_OPTIONS',
    `${ENTRIES[right]}: import { sticky } from '${right}', and write app.use(sticky())`,
  )
}
