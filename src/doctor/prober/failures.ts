import { printed } from '../../core/printed.ts'

/** What went wrong with a request, in a sentence. The host is named by whoever shows it. */
export function failureOf(error: unknown): string {
  const code = codeOf(error)
  const known = SENTENCES[code] ?? families(code)
  if (known !== undefined) return known
  const text = error instanceof Error ? error.message : String(error)
  return `the request failed: ${printed(text, 120)}`
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return codeOf(error.errors[0])
  return 'code' in error ? String(error.code) : ''
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not resolve: check the spelling, or name an address with --resolve HOST:PORT:ADDRESS',
  EAI_AGAIN: 'the name could not be looked up just now: no name server answered',
  ECONNREFUSED: 'nothing listens there: the connection was refused',
  ECONNRESET: 'the connection was broken off before the answer was complete',
  EPIPE: 'the connection was broken off before the answer was complete',
  ETIMEDOUT: 'no connection came about in time',
  EHOSTUNREACH: 'the host cannot be reached from here',
  ENETUNREACH: 'the network cannot be reached from here',
  ERR_LIMPET_SLOW: 'no complete answer came within ten seconds, or the time limit',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name; --insecure goes on all the same',
  CERT_HAS_EXPIRED: 'the certificate has expired; --insecure goes on all the same',
  EPROTO: 'TLS failed: is this port one for plain http?',
  HPE_HEADER_OVERFLOW: 'the head of the answer is larger than 256 KB',
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ISSUER|CRL/

function families(code: string): string | undefined {
  if (code.startsWith('HPE_')) return 'what answers there speaks no HTTP'
  if (CERTIFICATE.test(code)) return `the certificate is not trusted (${code}); --insecure goes on all the same`
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return 'TLS failed: is this port one for plain http?'
  return undefined
}
