import { LimpetError } from '../core/errors.ts'
import type { RawRequest } from './passage.ts'
import { type BodyKind, bodyOf } from './peer-headers.ts'

/** Throws when somebody has read it already. */
export function unreadBodyOf({ request }: RawRequest): BodyKind {
  const body = bodyOf(request)
  if (body !== 'none' && request.readableDidRead) throw bodyIsGone()
  return body
}

function bodyIsGone(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_BODY',
    'this request belongs to another backend, and cannot be forwarded, because something has read its body already: put sticky() in front of express.json() and ' +
      'other body parsers, or use limpet.attach(server), which comes before everything',
  )
}
