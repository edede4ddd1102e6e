import { stringifySetCookie } from 'cookie'
import { ageOf, type Cookie } from './cookie.ts'

const MAX_AGE = '; Max-Age='

/** Our Set-Cookie with the looks of this session's cookie: the value and the time stay those of the token. */
export function dressed(setCookie: string, cookie: Cookie): string {
  const end = setCookie.indexOf(';')
  const pair = end === -1 ? setCookie : setCookie.slice(0, end)
  return pair + maxAge(setCookie, ageOf(cookie)) + attributes(cookie)
}

/** A session's cookie ends with the browser if its age is null; and else when its token does. */
function maxAge(setCookie: string, age: number | null): string {
  if (age === null) return ''
  const at = setCookie.indexOf(MAX_AGE)
  if (at === -1) return `${MAX_AGE}${Math.max(0, Math.ceil(age / 1000))}`
  const end = setCookie.indexOf(';', at + 1)
  return setCookie.slice(at, end === -1 ? undefined : end)
}

function attributes({ path, domain, httpOnly, secure, sameSite, partitioned, priority }: Cookie): string {
  const whole = stringifySetCookie({
    name: 'n',
    value: '',
    httpOnly: Boolean(httpOnly),
    secure: secure === true,
    ...(path && { path }),
    ...(domain && { domain }),
    ...(sameSite && sameSite !== 'auto' && { sameSite }),
    ...(partitioned && { partitioned }),
    ...(priority && { priority }),
  })
  return whole.slice('n='.length)
}
