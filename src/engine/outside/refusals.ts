import { LimpetError } from '../../core/errors.ts'

export function ended(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_DESTROYED',
    'the session has ended (logout), or goes on under another id (login): nothing was read or written. Close the socket, or drop the job',
  )
}

export function notFound(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_NOT_FOUND',
    'nothing is stored under this id: the session has stored nothing yet, or has ended by itself. limpet.session(id) makes no session; ' +
      'only a request does',
  )
}

export function noId(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_NOT_FOUND',
    'limpet.session(id) takes the id of a session, 24 characters of base64url, as sticky.id and limpet.labelled() give it',
  )
}
