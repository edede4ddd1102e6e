import type { Group } from '../shape.ts'
import { aroundRows } from './around.ts'
import { bodies } from './bodies.ts'
import { cookies } from './cookies.ts'
import { errors } from './errors.ts'
import { informational } from './informational.ts'
import { statuses } from './statuses.ts'
import { streams } from './streams.ts'
import { writeHead } from './write-head.ts'

/** The matrix: every row is played on every server. */
export const groups: readonly Group[] = [
  statuses,
  errors,
  writeHead,
  cookies,
  bodies,
  streams,
  informational,
  aroundRows,
]
