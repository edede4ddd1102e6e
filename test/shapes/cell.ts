import { isDeepStrictEqual } from 'node:util'
import { bare, type Contender, type Seen } from './contenders.ts'
import { gate } from './gate.ts'
import { cookieNamed, judge, judgeHint, withoutSession } from './judge.ts'
import { type Problem, problem } from './problem.ts'
import { startServer } from './servers/start.ts'
import { forServer, type ServerName, type Shape } from './shape.ts'
import { connectHttp1 } from './wire/http1.ts'
import { connectHttp2 } from './wire/http2.ts'
import type { Connection, Received, RequestSpec } from './wire/types.ts'

export interface PlayOptions {
  /** Play the cell once more without session middleware, and find whatever else is different on the wire. */
  readonly strict?: boolean
  /** Milliseconds that one cell may take. Everything is on the loopback, so what takes longer hangs. */
  readonly deadline?: number
}

interface Run {
  readonly responses: readonly Received[]
  readonly seen: readonly Seen[]
  readonly marks: readonly string[]
  readonly problems: readonly Problem[]
}

/** Plays one cell of the matrix and returns what is wrong with it; nothing when all is well. */
export async function playCell(
  shape: Shape,
  server: ServerName,
  contender: Contender,
  { strict = false, deadline = 10_000 }: PlayOptions = {},
): Promise<Problem[]> {
  const expected = { ...shape.expect, ...forServer(shape.on, server, shape.app) }
  const run = await play(shape, server, contender, deadline)
  const problems = [...run.problems]
  for (const [i, response] of run.responses.entries()) {
    // What is wrong with the first response is wrong with the next one too: once is enough to read.
    if (problems.length > 0) break
    const ordinal = i > 0 ? `response ${i + 1}: ` : ''
    const isLast = i === run.responses.length - 1
    const found = [...judge(response, expected, contender), ...judgeHint(response, expected, contender, isLast)]
    problems.push(...found.map(({ word, detail }) => problem(word, ordinal + detail)))
  }
  if (problems.length === 0 && expected.ours !== 'none') problems.push(...judgeSeen(run.seen, shape))
  for (const [mark, word] of Object.entries(expected.marks ?? {})) {
    if (!run.marks.includes(mark)) problems.push(problem(word, `the app never got to: ${mark}`))
  }
  if (!strict || problems.length > 0 || forServer(shape.brokenWithout, server, shape.app)) return problems
  const { cookie, companions } = contender
  return changes(run, await play(shape, server, { ...bare, cookie, companions }, deadline), shape, contender)
}

/** What is different from a run without session middleware, beside the session cookie. */
function changes(run: Run, without: Run, shape: Shape, contender: Contender): Problem[] {
  if (without.problems.length > 0) return without.problems.map(({ detail }) => problem('broken row', detail))
  for (const [i, other] of without.responses.entries()) {
    const response = run.responses[i]
    if (!response) return [problem('changed', `there is no response ${i + 1}`)]
    const [is, was] = [response, other].map((one) => withoutSession(one, contender, shape.mayChange ?? []))
    if (!isDeepStrictEqual(is, was))
      return [problem('changed', `with the middleware ${show(is)}, without ${show(was)}`)]
  }
  return []
}

const show = (value: unknown) => JSON.stringify(value)

/** The client that sent the cookie back must be the client that got it. */
function judgeSeen(seen: readonly Seen[], shape: Shape): Problem[] {
  // Pipelined requests left together, before there was a cookie to send; only the third one brings it.
  const [first, again] = shape.connection === 'pipelined' ? [seen[1], seen[2]] : [seen[0], seen[1]]
  if (!first || !again) return [problem('requests', `the app saw ${seen.length} requests`)]
  if (first.state !== 'new') return [problem('not new', `the first request was "${first.state}"`)]
  if (again.state !== 'resumed') {
    return [problem('session lost', `the cookie was sent back and the session was "${again.state}"`)]
  }
  return again.id === first.id ? [] : [problem('session lost', 'the cookie was sent back and resumed another session')]
}

async function play(shape: Shape, server: ServerName, contender: Contender, deadline: number): Promise<Run> {
  const seen: Seen[] = []
  const marks: string[] = []
  const problems: Problem[] = []
  const heads = [gate(), gate(), gate()]
  let headsSeen = 0
  const running = await startServer({
    shape,
    server,
    contender,
    seen: (one) => void seen.push(one),
    uncaught: (error) =>
      void problems.push(problem('uncaught', error instanceof Error ? error.message : String(error))),
    kit: {
      cookie: contender.cookie,
      server,
      headSeen: () => heads[seen.length - 1]?.promise ?? Promise.reject(new Error('no request')),
      mark: (what) => void marks.push(what),
    },
  })
  const responses: Received[] = []
  const onHead = () => heads[headsSeen++]?.open()
  const connect = () => (server === 'http2' ? connectHttp2 : connectHttp1)(running.port, onHead)
  try {
    if (!(await within(deadline, converse(shape, contender, connect, responses)))) {
      problems.push(problem('hangs', `no answer within ${deadline} ms`))
    }
  } catch (error) {
    problems.push(problem('no answer', error instanceof Error ? error.message : String(error)))
  }
  await running.close()
  return { responses, seen, marks, problems }
}

/** Asks once without a cookie and once with what came back. */
async function converse(
  shape: Shape,
  contender: Contender,
  connect: () => Promise<Connection>,
  responses: Received[],
): Promise<void> {
  const request = shape.request ?? {}
  let connection = await connect()
  try {
    const first = shape.connection === 'pipelined' ? [request, request] : [request]
    responses.push(...(await connection.send(first, shape.connection === undefined)))
    const last = responses.at(-1)
    if (!last) return
    if (shape.connection === undefined) {
      await connection.close()
      connection = await connect()
    }
    responses.push(...(await connection.send([withCookies(request, last, contender)], true)))
  } finally {
    await connection.close()
  }
}

function withCookies(request: RequestSpec, response: Received, contender: Contender): RequestSpec {
  const pairs = [contender.cookie, ...contender.companions].flatMap((name) => cookieNamed(response, name) ?? [])
  if (pairs.length === 0) return request
  return { ...request, headers: [...(request.headers ?? []), ['Cookie', pairs.join('; ')]] }
}

/** False when the work is not done by then. */
async function within(milliseconds: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
