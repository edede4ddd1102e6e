import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { listen } from '../../http/support/server.ts'
import { until } from '../../support/until.ts'

/** A load balancer of the system's packages, and how it is started with a configuration in a folder of its own. */
export interface Program {
  readonly name: string
  readonly debian: string
  readonly configuration: string
  readonly args: (folder: string) => readonly string[]
}

export const haproxy: Program = {
  name: 'haproxy',
  debian: 'haproxy',
  configuration: 'haproxy.cfg',
  args: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
}

export const nginx: Program = {
  name: 'nginx',
  debian: 'nginx',
  configuration: 'nginx.conf',
  args: (folder) => ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
}

export const caddy: Program = {
  name: 'caddy',
  debian: 'caddy',
  configuration: 'Caddyfile',
  args: (folder) => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
}

export const apache: Program = {
  name: 'apache2',
  debian: 'apache2',
  configuration: 'apache.conf',
  args: (folder) => ['-D', 'FOREGROUND', '-d', folder, '-f', join(folder, 'apache.conf')],
}

/** Where it is; undefined: it has to be installed. */
function pathOf({ name }: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

export interface Configured {
  readonly port: number
  /** Ports of the backends. */
  readonly backends: readonly number[]
  readonly folder: string
}

/** Three backends behind a real balancer, on free ports of the loopback. */
export async function startReal(
  program: Program,
  configure: (ports: Configured) => string,
  fields: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const path = pathOf(program)
  if (!path)
    throw new Error(`${program.name} is missing: install it, for example with "apt-get install ${program.debian}"`)
  const backends = await Promise.all(['b1', 'b2', 'b3'].map((name) => startBackend(name, fields)))
  const folder = mkdtempSync(join(tmpdir(), `limpet-${program.name}-`))
  const port = await freePort()
  const text = configure({ port, backends: backends.map((backend) => backend.port), folder })
  writeFileSync(join(folder, program.configuration), text)
  const env = { PATH: process.env.PATH ?? '', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const child = spawn(path, program.args(folder), { stdio: ['ignore', 'pipe', 'pipe'], env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const close = async () => {
    await end(child)
    await Promise.all(backends.map((backend) => backend.close()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`${program.name} ended: ${said}`)
      return accepts(port)
    }, `${program.name} listens: ${said}`)
  } catch (error) {
    await close()
    throw error
  }
  return { url: `http://127.0.0.1:${port}/`, close }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'exit')
  child.kill('SIGTERM')
  await closed
}

/** An application that starts a session once, and names itself. */
async function startBackend(name: string, fields: Readonly<Record<string, string>>) {
  const server = createServer((request, response) => {
    response.setHeader('X-Backend', name)
    for (const [field, value] of Object.entries(fields)) response.setHeader(field, value)
    if (!/(^|; )sid=/.test(request.headers.cookie ?? '')) {
      response.setHeader('Set-Cookie', `sid=${Math.random().toString(36).slice(2)}; Path=/; HttpOnly`)
    }
    if (request.url === '/login') response.writeHead(302, { Location: '/' }).end()
    else response.writeHead(request.url === '/' ? 200 : 404).end('the page')
  })
  return listen(server)
}

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return typeof address === 'object' && address ? address.port : 0
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const settle = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
  })
}
