import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { LimpetError } from '../../core/errors.ts'
import type { AttachableServer } from './attach.ts'

/**
 * A unix socket of this process, in a folder that nobody else may enter, whose connections go to the application's
 * server: so workers that share a port have an address each. Returns the function that ends it.
 */
export function openPeerSocket(server: AttachableServer, name: string, listening: (url: string) => void): () => void {
  const folder = ownFolder()
  const path = join(folder, `${name}.sock`)
  const sockets = new Set<Socket>()
  const own: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // https servers hand what they have decrypted to this event, and peers need no encryption on one host.
    server.emit('setSecureContext' in server ? 'secureConnection' : 'connection', socket)
  })
  own.unref()
  own.on('error', () => undefined)
  own.listen(path, () => listening(`unix:${path}`))
  sweep(folder, path)
  return () => {
    own.close()
    for (const socket of sockets) socket.destroy()
    rmSync(path, { force: true })
  }
}

function ownFolder(): string {
  const { uid } = userInfo()
  const folder = join(tmpdir(), `limpet-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || (uid !== -1 && stat.uid !== uid)) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      `${folder}, where backends of this host find each other, belongs to somebody else: remove it, or set TMPDIR to a folder of your own`,
    )
  }
  chmodSync(folder, 0o700)
  return folder
}

/** Milliseconds: a socket that refuses and is younger may be one that is just being opened. */
const YOUNG = 60_000

/** Removes sockets of processes that were killed. */
function sweep(folder: string, mine: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (path === mine || !name.endsWith('.sock') || isYoung(path)) continue
    const probe = connect(path, () => probe.destroy())
    probe.unref()
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true })
    })
  }
}

/** Also what is gone by now. */
function isYoung(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat === undefined || Date.now() - stat.mtimeMs < YOUNG
}
