import { LimpetError } from '../core/errors.ts'

/**
 * The doctor could not check, which is never a finding. `message` says why, and what to do; what others have sent is in
 * it only after `printed`.
 */
export class Trouble extends LimpetError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('ERR_LIMPET_DOCTOR', message, options)
  }
}
