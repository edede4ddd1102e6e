// The least that a persistence cookie on every response can cost: find the cookie, look it up in a map, put what was found on the request,
// and add one header when the head is written, so that nothing the application does removes it. It verifies nothing and keeps nothing.

const name = 'limpet='
const known = new Map()
// As long as a token of limpet's is.
const filler = 'x'.repeat(80)
let last = 0

/** @returns the value of the Set-Cookie header for this request */
function cookieFor(req) {
  const header = req.headers.cookie
  if (header !== undefined) {
    const start = header.indexOf(name)
    const end = header.indexOf(';', start)
    const found = known.get(header.slice(start + name.length, end < 0 ? header.length : end))
    if (found !== undefined) return found
  }
  const value = `${filler}${++last}`
  const setCookie = `${name}${value}; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax`
  known.set(value, setCookie)
  return setCookie
}

export function floor(req, res) {
  const setCookie = cookieFor(req)
  req.floor = setCookie
  const writeHead = res.writeHead
  res.writeHead = function (...args) {
    this.setHeader('Set-Cookie', setCookie)
    return writeHead.apply(this, args)
  }
}
