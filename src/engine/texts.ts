import type { Sticky } from '../ports/sticky.ts'
import type { Texts } from '../ports/texts.ts'
import { RequestSession } from './request/request-session.ts'

/** The data behind what stands on a request. */
export function textsOf(sticky: Sticky): Texts {
  return RequestSession.texts(sticky as RequestSession)
}
