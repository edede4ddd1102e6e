/** What is looked at of a request, whatever the framework. */
interface Carried {
  readonly headers?: { readonly 'x-forwarded-proto'?: string | undefined }
  readonly socket?: { readonly encrypted?: boolean } | undefined
  readonly secure?: unknown
}

/**
 * Did the client come over https? `proxy`: true believes X-Forwarded-Proto, false does not, and undefined asks the
 * framework (`req.secure` of Express, which knows the proxies that it trusts).
 */
export function comesOverHttps(request: object, proxy: boolean | undefined): boolean {
  const { socket, secure, headers } = request as Carried
  if (socket?.encrypted === true) return true
  if (proxy === false) return false
  if (proxy !== true) return secure === true
  const [first = ''] = String(headers?.['x-forwarded-proto'] ?? '').split(',', 1)
  return first.trim().toLowerCase() === 'https'
}
