export type Framework = 'express' | 'koa'

/** Subjects of one kind are measured in turns with each other and with the bare framework. */
export type Kind = 'cookie' | 'read' | 'write'

export interface Subject {
  /** Also tells server.mjs which file and which listener to start. */
  readonly name: string
  readonly framework: Framework
  /** Undefined: the bare framework, which is measured with every kind. */
  readonly kind: Kind | undefined
  readonly label: string
  /** What a client has done before it is measured: nothing, and it stores nothing; one visit; a login that stores data. */
  readonly before: 'nothing' | 'visit' | 'login'
}

const theirs: Record<Framework, { readonly name: string; readonly label: string }> = {
  express: { name: 'express-session', label: 'express-session + connect-redis' },
  koa: { name: 'koa-session', label: 'koa-session + ioredis' },
}

function subjectsOf(framework: Framework): Subject[] {
  const { name, label } = theirs[framework]
  const one = (kind: Kind, before: Subject['before'], rest: string, text: string): Subject => ({
    name: rest,
    framework,
    kind,
    label: text,
    before,
  })
  return [
    bareOf(framework),
    one('cookie', 'visit', `${framework}-floor-cookie`, 'the floor: one look-up, one Set-Cookie'),
    one('cookie', 'visit', `${framework}-limpet-cookie`, 'limpet, cookie only'),
    one('cookie', 'nothing', `${framework}-limpet-first-visit`, 'limpet, first visit (one signature)'),
    one('read', 'login', `${framework}-limpet-read`, 'limpet, read, local copy current'),
    one('read', 'login', `${framework}-limpet-read-store`, "limpet, read, `consistency: 'strict'`"),
    one('read', 'login', `${name}-read`, `${label}, read`),
    one('write', 'login', `${framework}-limpet-write`, 'limpet, write one value'),
    one('write', 'login', `${name}-write`, `${label}, write`),
  ]
}

export function bareOf(framework: Framework): Subject {
  const label = framework === 'express' ? 'Express, bare' : 'Koa, bare'
  return { name: `${framework}-bare`, framework, kind: undefined, label, before: 'nothing' }
}

/** The competitor that a subject of ours is compared with: the same framework, the same kind of work. */
export const theirsOf = (framework: Framework, kind: 'read' | 'write'): string => `${theirs[framework].name}-${kind}`

export const subjects: readonly Subject[] = [...subjectsOf('express'), ...subjectsOf('koa')]

/** The subjects named, or all; each framework's bare one always among them: a ratio needs its denominator. */
export function chosenSubjects(only: readonly string[]): readonly Subject[] {
  if (only.length === 0) return subjects
  const unknown = only.filter((name) => !subjects.some((subject) => subject.name === name))
  if (unknown.length > 0) {
    throw new Error(`no subject "${unknown.join('", "')}". One of: ${subjects.map(({ name }) => name).join(', ')}`)
  }
  const named = subjects.filter(({ name }) => only.includes(name))
  const bareToo = (subject: Subject) =>
    subject.kind === undefined && named.some(({ framework }) => framework === subject.framework)
  return subjects.filter((subject) => named.includes(subject) || bareToo(subject))
}

/** What is measured in turns: one framework's subjects of one kind, and its bare one. A bare one alone is a group too. */
export function groupsOf(chosen: readonly Subject[]): Subject[][] {
  return chosen
    .filter(({ kind }) => kind === undefined)
    .flatMap((bare) => {
      const own = chosen.filter(({ framework, kind }) => framework === bare.framework && kind !== undefined)
      const kinds = [...new Set(own.map(({ kind }) => kind))]
      return kinds.length === 0 ? [[bare]] : kinds.map((kind) => [bare, ...own.filter((one) => one.kind === kind)])
    })
}
