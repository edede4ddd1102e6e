import { LimpetError } from '../core/errors.ts'

export function over(): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_DESTROYED',
    'this session was destroyed, or has another id by now, and nothing was saved: use req.session of the moment, and begin anew with ' +
      'req.session.regenerate(callback) after a destroy',
  )
}

export function tooMany(attempts: number): LimpetError {
  return new LimpetError(
    'ERR_LIMPET_CONFLICT',
    `other requests changed the same keys of the session ${attempts} times while this one was to be saved: nothing of it was written. ` +
      'Answer with 409 and let the client try again',
  )
}
