import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { ensureBuilt, root } from '../package/support/built.ts'

const apps = fileURLToPath(new URL('./apps/', import.meta.url))
const FRAMEWORKS = ['express', 'koa', 'connect', 'polka', 'restify']

beforeAll(ensureBuilt, 180_000)

/** Two visits of one client, which writes each time. */
async function visits(framework: string, preload: readonly string[] = []) {
  const { stdout, stderr } = await run([...preload.flatMap((name) => ['--require', name]), 'count.cjs', framework])
  const answers = JSON.parse(stdout) as { status: number; body: string; cookies: string[] }[]
  return { answers, stderr }
}

const KEPT = ['1', '2'].map((body) => ({
  status: 200,
  body,
  cookies: [expect.stringMatching(/^limpet=2[\w-]+\.[\w-]+\.[\w-]{8}\.[\w-]{43}; Max-Age=86400;/)],
}))

describe.each(FRAMEWORKS)('%s', (framework) => {
  test('keeps a session', async () => {
    expect((await visits(framework)).answers).toEqual(KEPT)
  })

  test('keeps a session under dd-trace', async () => {
    expect((await visits(framework, ['dd-trace/init'])).answers).toEqual(KEPT)
  })

  test('keeps a session under OpenTelemetry, which sees every request', async () => {
    const { answers, stderr } = await visits(framework, ['./opentelemetry.cjs'])
    expect(answers).toEqual(KEPT)
    // The client's span and the server's, two times; those of the middleware come on top.
    expect(Number(/(\d+) spans/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(4)
  })
})

describe.each(['', 'undici'])('a request that is passed on, by %s', (hop) => {
  async function forwarded(preload: readonly string[]) {
    const { stdout, stderr } = await run([
      ...preload.flatMap((name) => ['--require', name]),
      'forward.cjs',
      ...(hop ? [hop] : []),
    ])
    return { ...(JSON.parse(stdout) as { id: string; headers: Record<string, string>; raw: string[] }), stderr }
  }

  test.each<[string, string[]]>([
    ['nothing', []],
    ['dd-trace', ['dd-trace/init']],
    ['OpenTelemetry', ['./opentelemetry.cjs']],
  ])('reaches its owner as it was, under %s', async (_name, preload) => {
    const { id, headers, raw } = await forwarded(preload)
    expect(id).toBe('a')
    expect(headers['x-mine']).toBe('kept')
    expect(raw).toContain('X-Mine')
    // A list of fields that was taken for an object.
    expect(Object.keys(headers).filter((name) => /^\d+$/.test(name))).toEqual([])
  })

  test('has a span of its own under OpenTelemetry, and the owner goes on in the same trace', async () => {
    const { headers, stderr } = await forwarded(['./opentelemetry-hops.cjs'])
    const spans = JSON.parse(/JSON (.*)/.exec(stderr)?.[1] ?? '[]') as Record<string, unknown>[]
    const span = spans.find(({ name }) => name === 'limpet forward')
    const attributes = { 'limpet.owner': 'a', 'limpet.outcome': 'answered', 'http.response.status_code': 200 }
    expect(span).toMatchObject({ attributes })
    expect(headers.traceparent).toBe(`00-${span?.trace}-${span?.id}-01`)
    const client = spans.find(({ id }) => id === span?.parent)
    expect(client).toMatchObject({ name: 'GET' })
    expect(spans.filter(({ parent }) => parent === span?.id)).toHaveLength(1)
  })
})

/** In a process of its own, which has to end by itself; no agent is looked for outside of this machine. */
function run(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { PATH, HOME } = process.env
  const quiet = { DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false' }
  const env = { PATH, HOME, ...quiet, DD_TRACE_AGENT_URL: 'http://127.0.0.1:9', DD_TRACE_STARTUP_LOGS: 'false' }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { cwd: apps, env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message.replaceAll(root, '')}\n${stdout}\n${stderr}`))
      else resolve({ stdout, stderr })
    })
  })
}
