import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, type RedisServer, startRedis } from './redis-server.ts'

export interface TlsRedis {
  /** `rediss://`, and nothing listens without TLS. */
  readonly url: string
  /** What a client must trust. */
  readonly ca: string
  readonly server: RedisServer
  stop(): Promise<void>
}

/** A redis-server that speaks TLS only, with a certificate made for this run. */
export async function startTlsRedis(args: readonly string[] = []): Promise<TlsRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'limpet-tls-'))
  const key = join(dir, 'key.pem')
  const cert = join(dir, 'cert.pem')
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  await promisify(execFile)('openssl', [...make, ...names, '-keyout', key, '-out', cert])
  const port = await freePort()
  const tls = ['--port', '0', '--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key]
  const server = await startRedis([...tls, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no', ...args])
  return {
    url: `rediss://127.0.0.1:${port}`,
    ca: readFileSync(cert, 'utf8'),
    server,
    async stop() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
