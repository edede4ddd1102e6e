/** The address of a backend that a cookie's value gives away, as `ip` or `ip:port`. Undefined: none that is known. */
export function addressIn(value: string): string | undefined {
  return bigIp(value) ?? plain(decoded(value)) ?? inBase64(decoded(value))
}

/** F5 BIG-IP: numbers with their bytes turned round, and forms for IPv6 and route domains. */
function bigIp(value: string): string | undefined {
  const v4 = /^(\d{1,10})\.(\d{1,5})\.0000$/.exec(value)
  if (v4) return ofNumbers(Number(v4[1]), Number(v4[2]))
  const v6 = /^vi([0-9a-f]{32})\.(\d{1,5})$/i.exec(value)
  if (v6) return `[${ipv6(v6[1] ?? '')}]:${swapped(Number(v6[2]))}`
  const inDomain = /^rd\d+o([0-9a-f]{32})o(\d{1,5})$/i.exec(value)
  if (!inDomain) return undefined
  const [, address = '', port = ''] = inDomain
  const mapped = /^0{20}ffff([0-9a-f]{8})$/i.exec(address)
  return mapped ? `${dotted(Number.parseInt(mapped[1] ?? '', 16))}:${port}` : `[${ipv6(address)}]:${port}`
}

function ofNumbers(address: number, port: number): string | undefined {
  if (address > 0xffffffff || port > 0xffff) return undefined
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(address)
  return `${[...bytes].join('.')}:${swapped(port)}`
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | ((port >> 8) & 0xff)
}

function dotted(address: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(address)
  return [...bytes].join('.')
}

function ipv6(hex: string): string {
  const groups = hex.match(/.{4}/g) ?? []
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}

const BYTE = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const ADDRESS = `${BYTE}(?:\\.${BYTE}){3}`
const PLAIN = new RegExp(`^(?:https?://)?(${ADDRESS}(?::\\d{1,5})?)/?$`)
const WITH_PORT = new RegExp(`(?:^|[^\\d.])(${ADDRESS}:\\d{1,5})(?:[^\\d]|$)`)

function plain(value: string): string | undefined {
  return PLAIN.exec(value)?.[1]
}

/** Envoy: a base64 text, or a protobuf message in base64, with ip:port in it. */
function inBase64(value: string): string | undefined {
  if (value.length < 10 || !/^[\w+/-]+={0,2}$/.test(value)) return undefined
  const text = Buffer.from(value, 'base64').toString('latin1')
  return PLAIN.exec(text)?.[1] ?? WITH_PORT.exec(text)?.[1]
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value).replace(/^"|"$/g, '')
  } catch {
    return value
  }
}
