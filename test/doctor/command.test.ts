import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKeyring } from '../../src/core/keyring.ts'
import { run } from '../../src/doctor/command/run.ts'
import type { Report } from '../../src/doctor.ts'
import { serve } from '../http/support/server.ts'
import { ensureBuilt, root } from '../package/support/built.ts'
import { FAULTS } from './support/faults.ts'
import { together } from './support/run.ts'
import { type Site, startSite } from './support/site.ts'

const folder = mkdtempSync(join(tmpdir(), 'limpet-doctor-'))
let healthy: Site
let ill: Site

beforeAll(async () => {
  await ensureBuilt()
  healthy = await startSite({})
  ill = await startSite(together(FAULTS.filter(({ name }) => name === 'persistence off')).switches)
}, 180_000)

afterAll(async () => {
  await Promise.all([healthy, ill].map((site) => site?.close()))
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Running {
  readonly child: ReturnType<typeof spawn>
  readonly ended: Promise<Ran>
}

/** The built command, as `npx limpet` runs it. `input` undefined: there is more to come. */
function start(args: readonly string[], input: string | undefined, env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text
  })
  if (input !== undefined) child.stdin.end(input)
  return { child, ended: once(child, 'close').then(([code]) => ({ code, out, err })) }
}

const limpet = (args: readonly string[], input = '', env?: Record<string, string>) => start(args, input, env).ended

describe('limpet doctor', () => {
  test('a healthy site: 0, and what was asked', async () => {
    const { code, out, err } = await limpet(['doctor', healthy.url, '--redirect', '/login'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^backends: b1, b2, b3, told apart by the x-backend field$/m)
    expect(out).toMatch(/^17 +H +missing +GET \/limpet-doctor-\w+ +404 +b\d +- +SERVERID, sid$/m)
    expect(out).toMatch(/^healthy: 0 errors, 0 warnings, 1 note$/m)
  })

  test('one that loses sessions: 1, and the number that the cause has in the article', async () => {
    const { code, out } = await limpet(['doctor', ill.url, '--redirect=/login'])
    expect(code).toBe(1)
    expect(out).toMatch(/^error {2}No affinity cookie \(cause 1 of the article\) {2}\[no-affinity-cookie\]$/m)
    expect(out).toMatch(/Repair: Switch session persistence on/)
  })

  test('--json is the report', async () => {
    const { code, out } = await limpet(['doctor', ill.url, '--json'])
    const report = JSON.parse(out) as Report
    expect(code).toBe(1)
    expect(report).toMatchObject({ verdict: 'findings', findings: [{ id: 'no-affinity-cookie', cause: 1 }] })
    expect(report.exchanges[1]).toMatchObject({ number: 2, probe: 'repeat', sent: ['sid'], given: ['sid'] })
    // Values of cookies let somebody into a session.
    expect(out).not.toMatch(/b10\.\d/)
  })

  test('--html writes a page', async () => {
    const file = join(folder, 'report.html')
    expect((await limpet(['doctor', ill.url, '--html', file])).code).toBe(1)
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/)
    const { code, err } = await limpet(['doctor', ill.url, '--html', '/no/such/folder/x.html'])
    expect({ code, err }).toEqual({
      code: 2,
      err: 'limpet: the page could not be written to /no/such/folder/x.html: ENOENT\n',
    })
  })

  test.each([
    [['doctor'], /which site\? Write 'limpet doctor https:/],
    [['doctor', 'http://127.0.0.1:1'], /^limpet: 127\.0\.0\.1:1: nothing listens there/],
    [['doctor', 'a', 'b'], /one URL at a time/],
    [['doctor', 'http://a/', '--wiat', '70s'], /Unknown option '--wiat'; 'limpet --help'/],
    [['doctor', 'http://a/', '--wait', '70'], /--wait is to be a time, as in 70s/],
    [['doctor', 'http://a/', '--requests', 'x'], /--requests is to be a number/],
    [['doctor', 'http://a/', '--header', 'x'], /--header is to be 'Name: value'/],
    [['doctor', 'http://a/', '--resolve', 'b:80:127.0.0.1'], /--resolve is for b:80, and the URL for a:80/],
    [['doctor', 'http://a/', '--har', 'x'], /name a URL or --har FILE, not both/],
    [['docotr'], /docotr is no command/],
  ])('%j: 2, and what to write', async (args, sentence) => {
    const { code, out, err } = await limpet(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(sentence)
    expect(err).not.toMatch(/\n {4}at /)
  })

  test('--help, --version', async () => {
    expect(await limpet(['--help'])).toMatchObject({ code: 0, out: expect.stringMatching(/^limpet doctor URL/) })
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(await limpet(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('what a site sends reaches no terminal raw', async () => {
    const evil = '\u009b31m<script>'
    const { port, close } = await serve((request, response) => {
      response.setHeader('X-Backend', `b\u009b2J${request.socket.remotePort}`)
      response.setHeader('Set-Cookie', [`SERVERID${evil}=1; Path=/`, `SERVERID=${evil}; Path=/elsewhere`])
      response.end('page')
    })
    const file = join(folder, 'evil.html')
    const url = `http://127.0.0.1:${port}/`
    const [ran, data] = [await limpet(['doctor', url, '--html', file]), await limpet(['doctor', url, '--json'])]
    await close()
    for (const text of [ran.out, ran.err, readFileSync(file, 'utf8'), data.out]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    }
    expect(readFileSync(file, 'utf8')).not.toContain('<script')
    expect(ran.out).toContain('SERVERID')
    expect(JSON.parse(data.out).affinity[0].name).toContain('SERVERID')
  })

  test('colours and progress on a terminal alone, and no colours with NO_COLOR', async () => {
    const onTerminal = async (args: readonly string[], env: Record<string, string> = {}, isTerminal = true) => {
      let [out, err] = ['', '']
      const terminals = { outIsTerminal: isTerminal, errIsTerminal: isTerminal, inIsTerminal: isTerminal, columns: 80 }
      const code = await run(args, {
        ...terminals,
        out: (text) => {
          out += text
        },
        err: (text) => {
          err += text
        },
        env,
        input: async () => '',
        now: Date.now,
        signal: new AbortController().signal,
        version: '0',
      })
      return { code, out, err }
    }
    const args = ['doctor', ill.url]
    const colour = '\u001b[31merror\u001b[0m  No affinity cookie'
    const shown = await onTerminal(args)
    expect(shown.out).toContain(colour)
    expect(shown.err).toMatch(/^\r1 of \d+ requests\r2 of/)
    expect((await onTerminal(args, { NO_COLOR: '1' })).out).not.toContain('\u001b')
    expect(await onTerminal(args, {}, false)).toMatchObject({ err: '', out: expect.not.stringContaining('\u001b') })
    expect(await onTerminal([...args, '--json'])).toMatchObject({ err: '', out: expect.stringMatching(/^\{/) })
    // Nobody waits for somebody to type a cookie.
    expect(await onTerminal(['token'])).toMatchObject({ code: 2, err: expect.stringMatching(/which cookie\?/) })
  })

  test('--har judges a recording', async () => {
    const file = join(folder, 'capture.har')
    const answer = (cookie: string) => ({ status: 200, headers: [{ name: 'set-cookie', value: cookie }] })
    const entry = {
      startedDateTime: '2026-11-26T08:00:00.000Z',
      time: 5,
      request: { method: 'GET', url: 'https://shop.example/', headers: [] },
      response: answer('SERVERID=web1; Path=/; Secure; Max-Age=60'),
    }
    writeFileSync(file, JSON.stringify({ log: { entries: [entry] } }))
    const { code, out } = await limpet(['doctor', '--har', file])
    expect(code).toBe(1)
    expect(out).toMatch(/^capture\.har\n/)
    expect(out).toMatch(/^error {2}The timeout is too low \(cause 2 of the article\)/m)
    expect(await limpet(['doctor', '--har', '/no/such.har'])).toMatchObject({
      code: 2,
      err: 'limpet: /no/such.har could not be read: ENOENT\n',
    })
  })

  test('Ctrl-C prints what is known so far', async () => {
    let asked = 0
    let enough: () => void = () => undefined
    const fifth = new Promise<void>((resolve) => {
      enough = resolve
    })
    const { port, close } = await serve((_request, response) => {
      asked += 1
      if (asked < 5) response.setHeader('Set-Cookie', 'SERVERID=web1; Path=/').end('page')
      else enough()
    })
    const { child, ended } = start(['doctor', `http://127.0.0.1:${port}/`], '')
    await fifth
    child.kill('SIGINT')
    const { code, out } = await ended
    await close()
    expect(code).toBe(2)
    expect(out).toMatch(/^4 +A +repeat/m)
    expect(out).toMatch(/not all of it was checked: it was interrupted/)
  })
})

describe('limpet token', () => {
  const secret = 'a secret of thirty-two bytes or more'
  const keyring = createKeyring([secret], 'limpet')
  const token = (apart: number) => {
    const at = Date.now() - apart
    const times = { version: 3, createdAt: at, touchedAt: at, issuedAt: at }
    const names = { id: 'i'.repeat(24), owner: 'web1', boot: 'boot0000' }
    return keyring.sign({ ...names, ...times, lifetime: undefined, pendingFrom: undefined })
  }

  test('decodes, verifies, and tells what a backend would do', async () => {
    const { code, out } = await limpet(['token', token(60_000)], '', { LIMPET_SECRET: secret })
    expect(code).toBe(0)
    expect(out).toMatch(/^id +i{24}$/m)
    expect(out).toMatch(/^owner +web1 \(boot boot0000\)$/m)
    expect(out).toMatch(/^signed +\S+Z \(\d+ (s|min) ago\)$/m)
    expect(out).toMatch(/^signature +good$/m)
    expect(out).toMatch(/^a backend +would go on with the session and leave the token as it is/m)
  })

  test('from standard input, as the browser shows it', async () => {
    const line = `Set-Cookie: limpet=${token(0)}; Max-Age=86400; Path=/\n`
    expect(await limpet(['token'], line, { LIMPET_SECRET: secret })).toMatchObject({ code: 0 })
  })

  test.each<[string, readonly string[], string, RegExp]>([
    ['expired', [token(90_000_000)], secret, /would begin a new session \(expired\)/],
    ['another secret', [token(0)], secret.toUpperCase(), /would begin a new session \(unknown-key\)/],
    ['another namespace', [token(0), '--namespace', 'shop'], secret, /for another namespace than shop/],
    ['changed', [token(0).replace('.web1.', '.web2.')], secret, /would begin a new session \(bad-signature\)/],
    ['a shorter idle timeout', [token(60_000), '--idle-timeout', '30s'], secret, /\(expired\)/],
  ])('%s: 1', async (_what, args, LIMPET_SECRET, sentence) => {
    const { code, out } = await limpet(['token', ...args], '', { LIMPET_SECRET })
    expect(code).toBe(1)
    expect(out).toMatch(sentence)
  })

  test('without the secret nobody can tell: 2', async () => {
    const { code, out } = await limpet(['token', token(0)])
    expect(code).toBe(2)
    expect(out).toMatch(/not checked: set LIMPET_SECRET/)
    expect(out).toMatch(/would go on with the session, if the signature is good/)
  })

  test('standard input without an end', async () => {
    const { child, ended } = start(['token'], undefined)
    child.stdin?.on('error', () => undefined)
    const more = () => child.stdin?.write('x'.repeat(10_000), (error) => error ?? more())
    more()
    expect(await ended).toMatchObject({ code: 2, out: expect.stringMatching(/^no token of limpet's/) })
  })

  test('no token: 2', async () => {
    expect(await limpet(['token', 's%3Aabc.def'])).toMatchObject({
      code: 2,
      out: expect.stringMatching(/percent-encoded/),
    })
    expect(await limpet(['token'], '\u001b[2J')).toMatchObject({
      code: 2,
      out: "no token of limpet's: \\x1b[2J is not of its shape (2..., with three or more dots)\n",
    })
  })

  test('the secret may be in a file, and shows up nowhere', async () => {
    const file = join(folder, 'secret')
    writeFileSync(file, `${secret}\n`)
    const { code, out } = await limpet(['token', token(0), '--secret-file', file, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ kind: 'token', decision: { kind: 'resume' }, signature: 'good' })
    expect(out).not.toContain(secret)
  })
})
