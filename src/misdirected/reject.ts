import type { Policies } from '../ports/misdirected.ts'
import { answer } from './answers.ts'

/**
 * 421 (RFC 9110 section 15.5.20): this connection leads to the wrong backend, and another one may lead to the right
 * one.
 */
export const reject: Policies['reject'] = (raw, status, cookie) =>
  answer(raw, status, 'this request belongs to another backend\n', {}, cookie)
