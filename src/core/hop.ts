import type { PurposeKeys } from './purpose-keys.ts'

/** The header with which a backend passes a request on to a peer. It never comes from a client, nor leaves to one. */
export const HOP_HEADER = 'limpet-hop'

/** Milliseconds, on the clock that backends share, for which a hop is good. */
export const HOP_WINDOW = 10_000

/** What a peer says of the request that it passes on. */
export interface Hop {
  /** The life of the backend that the request is for. */
  readonly to: string
  /** When it was passed on, in milliseconds since 1970. */
  readonly at: number
  /** Good once. */
  readonly nonce: string
  /**
   * The connection on which the client, or the last proxy, had sent it: address, port, and whether it was encrypted.
   */
  readonly address: string
  readonly port: number
  readonly encrypted: boolean
}

/** What the signature is about, beside the hop itself. */
export interface HopRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What a proxy says of the client: who changes it on the way must not be believed. */
const SIGNED_HEADERS = ['host', 'forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip']

const SHAPE =
  /^1\.([\w-]{8})\.([0-9a-z]{1,11})\.([\w-]{12,32})\.([01])\.(\d{1,5})\.([0-9A-Fa-f:.%\w-]{0,80})\.([\w-]{26})$/

export function writeHop(hop: Hop, request: HopRequest, keys: PurposeKeys): string {
  const { to, at, nonce, address, port, encrypted } = hop
  const text = `1.${to}.${at.toString(36)}.${nonce}.${encrypted ? 1 : 0}.${port}.${address}`
  return `${text}.${keys.sign(signed(text, request))}`
}

/** Undefined: nobody with one of our secrets has written it about this request. */
export function readHop(value: string, request: HopRequest, keys: PurposeKeys): Hop | undefined {
  const parts = SHAPE.exec(value)
  if (!parts) return undefined
  const [, to = '', at = '', nonce = '', encrypted, port, address = '', signature = ''] = parts
  if (!keys.verifies(signed(value.slice(0, -signature.length - 1), request), signature)) return undefined
  return { to, at: Number.parseInt(at, 36), nonce, encrypted: encrypted === '1', port: Number(port), address }
}

/** No part can be taken for another: line ends occur in none of them. */
function signed(text: string, { method, url, headers }: HopRequest): string {
  return [text, method, url, ...SIGNED_HEADERS.map((name) => String(headers[name] ?? ''))].join('\n')
}
