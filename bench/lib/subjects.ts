export type Framework = 'express' | 'koa'
export type Kind = 'bare' | 'floor' | 'cookie' | 'read' | 'write'

export interface Subject {
  /** Also tells server.mjs which file and which listener to start: `koa-limpet-read` is `read` of koa-limpet.mjs. */
  readonly name: string
  readonly framework: Framework
  readonly kind: Kind
  readonly label: string
  /** What a client has done before it is measured: nothing, and it stores nothing; one visit; a login that stores data. */
  readonly before: 'nothing' | 'visit' | 'login'
  /** Each answer brings a cookie that the next request sends. */
  readonly renews?: boolean
  /** No goal is judged by it: measured in every fourth round. */
  readonly seldom?: boolean
}

type Row = Omit<Subject, 'framework'>

/** One row, and a listener of that name in bench/servers, is all that a new subject needs. */
const express: readonly Row[] = [
  { name: 'express-bare', kind: 'bare', before: 'nothing', label: 'Express, bare' },
  { name: 'express-floor-cookie', kind: 'floor', before: 'visit', label: 'the floor: one look-up, one Set-Cookie' },
  { name: 'express-limpet-cookie', kind: 'cookie', before: 'visit', label: 'limpet, cookie only' },
  {
    name: 'express-limpet-first-visit',
    kind: 'cookie',
    before: 'nothing',
    label: 'limpet, first visit (one signature)',
    seldom: true,
  },
  { name: 'express-limpet-read', kind: 'read', before: 'login', label: 'limpet, read, local copy current' },
  {
    name: 'express-limpet-read-store',
    kind: 'read',
    before: 'login',
    label: "limpet, read, `consistency: 'strict'`",
    seldom: true,
  },
  { name: 'express-session-read', kind: 'read', before: 'login', label: 'express-session + connect-redis, read' },
  { name: 'express-limpet-write', kind: 'write', before: 'login', label: 'limpet, write one value', renews: true },
  { name: 'express-session-write', kind: 'write', before: 'login', label: 'express-session + connect-redis, write' },
]

const koa: readonly Row[] = [
  { name: 'koa-bare', kind: 'bare', before: 'nothing', label: 'Koa, bare' },
  { name: 'koa-floor-cookie', kind: 'floor', before: 'visit', label: 'the floor: one look-up, one Set-Cookie' },
  { name: 'koa-limpet-cookie', kind: 'cookie', before: 'visit', label: 'limpet, cookie only' },
  {
    name: 'koa-limpet-first-visit',
    kind: 'cookie',
    before: 'nothing',
    label: 'limpet, first visit (one signature)',
    seldom: true,
  },
  { name: 'koa-limpet-read', kind: 'read', before: 'login', label: 'limpet, read, local copy current' },
  {
    name: 'koa-limpet-read-store',
    kind: 'read',
    before: 'login',
    label: "limpet, read, `consistency: 'strict'`",
    seldom: true,
  },
  { name: 'koa-session-read', kind: 'read', before: 'login', label: 'koa-session + ioredis, read' },
  { name: 'koa-limpet-write', kind: 'write', before: 'login', label: 'limpet, write one value', renews: true },
  { name: 'koa-session-write', kind: 'write', before: 'login', label: 'koa-session + ioredis, write' },
]

const of = (framework: Framework, rows: readonly Row[]) => rows.map((row) => ({ framework, ...row }))

export const subjects: readonly Subject[] = [...of('express', express), ...of('koa', koa)]

export function bareOf(framework: Framework): Subject {
  const bare = subjects.find((one) => one.framework === framework && one.kind === 'bare')
  if (!bare) throw new Error(`${framework} has no bare subject`)
  return bare
}

/** The competitor that a subject of ours is compared with: the same framework, the same kind of work. */
export const theirsOf = (framework: Framework, kind: 'read' | 'write'): string => `${framework}-session-${kind}`

/** The subjects named, or all; each framework's bare one and floor always among them: the columns compare with both. */
export function chosenSubjects(only: readonly string[]): readonly Subject[] {
  if (only.length === 0) return subjects
  const unknown = only.filter((name) => !subjects.some((subject) => subject.name === name))
  if (unknown.length > 0) {
    throw new Error(`no subject "${unknown.join('", "')}". One of: ${subjects.map(({ name }) => name).join(', ')}`)
  }
  const named = subjects.filter(({ name }) => only.includes(name))
  const compared = ({ kind, framework }: Subject) =>
    (kind === 'bare' || kind === 'floor') && named.some((one) => one.framework === framework)
  return subjects.filter((subject) => named.includes(subject) || compared(subject))
}

/** What is measured in turns in one round: all of one framework. */
export function groupsOf(chosen: readonly Subject[], round = 1): Subject[][] {
  const frameworks = [...new Set(chosen.map(({ framework }) => framework))]
  const isOn = ({ seldom }: Subject) => !seldom || round % 4 === 1
  return frameworks.map((framework) => chosen.filter((one) => one.framework === framework && isOn(one)))
}
