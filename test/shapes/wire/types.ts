/** Header lines as they came over the wire: nothing joined, nothing lower-cased, nothing dropped. */
export type Lines = readonly (readonly [name: string, value: string])[]

export interface RequestSpec {
  readonly method?: string
  readonly path?: string
  readonly headers?: Lines
  readonly body?: string
  /** HTTP/1 only. */
  readonly version?: '1.0' | '1.1'
  /** Send the head with `Expect: 100-continue` and the body only after the 100. */
  readonly waitForContinue?: boolean
}

export interface Informational {
  readonly status: number
  readonly headers: Lines
}

export interface Received {
  /** HTTP/1: the status line; HTTP/2: the status alone. */
  readonly statusLine: string
  readonly status: number
  readonly headers: Lines
  readonly informational: readonly Informational[]
  readonly body: Buffer
  readonly trailers: Lines
  /** The response ended before its framing said so. */
  readonly cut: boolean
}

export interface Connection {
  /** Sends all requests at once (HTTP/1: pipelined; HTTP/2: as streams side by side) and resolves with their responses. */
  send(requests: readonly RequestSpec[], last: boolean): Promise<Received[]>
  close(): Promise<void>
}

/** Opens a connection. `onHead` is told of each final response's head, before its body. */
export type Connect = (port: number, onHead: () => void) => Promise<Connection>

export function valuesOf(headers: Lines, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
}
