import type { ResponseHead } from '../../core/response-head.ts'

export interface RawHead extends ResponseHead {
  /** 1xx, but for 101, which is the last one. */
  readonly isInformational: boolean
  /** All of it, with what followed the head. */
  toString(): string
}

interface Line {
  readonly name: string
  readonly text: string
}

/** A response of HTTP/1 as it is written to a socket. Undefined: it does not begin with a whole head. */
export function parseRawHead(bytes: string): RawHead | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(bytes)?.[1]
  const end = bytes.indexOf('\r\n\r\n')
  if (status === undefined || end === -1) return undefined
  const [statusLine = '', ...fields] = bytes.slice(0, end).split('\r\n')
  let lines: Line[] = fields.map((text) => ({ name: text.slice(0, text.indexOf(':')).trim().toLowerCase(), text }))
  const remove = (name: string) => {
    lines = lines.filter((line) => line.name !== name.toLowerCase())
  }
  return {
    isInformational: status.startsWith('1') && status !== '101',
    getHeaderNames: () => [...new Set(lines.map(({ name }) => name))],
    getHeader: (name) =>
      lines
        .filter((line) => line.name === name.toLowerCase())
        .map(({ text }) => text.slice(text.indexOf(':') + 1).trim()),
    setHeader(name, value) {
      remove(name)
      for (const one of [value].flat()) lines.push({ name: name.toLowerCase(), text: `${name}: ${one}` })
    },
    removeHeader: remove,
    toString: () => [statusLine, ...lines.map(({ text }) => text)].join('\r\n') + bytes.slice(end),
  }
}
