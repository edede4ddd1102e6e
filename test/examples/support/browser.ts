import request, { type Response } from 'supertest'

/**
 * A client that keeps its cookies and does not follow redirects. Cookies do not look at ports, so one jar serves all
 * backends on this address: ask each by its whole URL.
 */
export function browser() {
  return request.agent('')
}

/** Somebody who knows this cookie and nothing else. */
export function asks(url: string, cookie: string) {
  return request(url).get('/').set('Cookie', cookie)
}

/** Our cookies in a response, as they were sent. */
export function cookiesOf({ headers }: Response): string[] {
  const all: string[] = [headers['set-cookie'] ?? []].flat()
  return all.filter((cookie) => cookie.startsWith('limpet='))
}

/** `limpet=...` of a response, as a client would send it back. */
export function cookieOf(response: Response): string {
  return cookiesOf(response)[0]?.split(';')[0] ?? ''
}

/** A token begins with its format (1 character), the key's id (4) and the session's id (24). */
export function idOf(response: Response): string {
  return cookieOf(response).slice('limpet='.length + 5, 'limpet='.length + 29)
}
