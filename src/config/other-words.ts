/** What express-session, koa-session and the sessions of Fastify call an option, and what to write here instead. */
type Words = Readonly<Record<string, string>>

const LIFETIME = "a session's lifetime is idleTimeout: '24h' (or absoluteTimeout), in milliseconds or words"
const IN_COOKIE = "it belongs to the cookie: cookie: { sameSite: 'lax' } and so on"
const ALWAYS = 'leave it out: every response carries the cookie, and using a session keeps it alive'
const PREFIX = "it belongs to the store: redisStore(client, { prefix: 'shop:' })"

export const OTHER_OPTIONS: Words = {
  maxAge: `${LIFETIME}; for a cookie that ends with the browser, cookie: { lifetime: 'session' }`,
  expires: LIFETIME,
  ttl: LIFETIME,
  name: "the cookie's name is cookie: { name: 'limpet' }",
  key: "the cookie's name is cookie: { name: 'limpet' }",
  cookieName: "the cookie's name is cookie: { name: 'limpet' }",
  keys: 'secrets are secret: [new, old]: the first signs, all verify',
  secrets: 'it is secret, also for a list: the first signs, all verify',
  password: 'it is secret, of at least 32 bytes; nothing is encrypted, since no data is in the cookie',
  resave: 'leave it out: only what you set() is written',
  rolling: ALWAYS,
  renew: ALWAYS,
  saveUninitialized:
    "for no cookie before something is stored, firstCookie: 'on-write'; nothing is stored before that anyway",
  genid: 'leave it out: ids are 144 random bits',
  idGenerator: 'leave it out: ids are 144 random bits',
  unset: 'leave it out: session.destroy() ends a session, session.delete(key) removes a key',
  proxy:
    "limpet believes a proxy when the framework does: app.set('trust proxy', 1) in Express, app.proxy = true in Koa",
  overwrite: 'leave it out: there is exactly one cookie of ours on a response',
  signed: 'leave it out: the cookie is always signed',
  autoCommit: 'leave it out: what is awaited is saved',
  externalKey: 'leave it out: the session is named by the cookie alone',
  encode: 'leave it out: values are JSON',
  decode: 'leave it out: values are JSON',
  httpOnly: IN_COOKIE,
  secure: IN_COOKIE,
  sameSite: IN_COOKIE,
  domain: IN_COOKIE,
  path: IN_COOKIE,
  partitioned: IN_COOKIE,
  prefix: PREFIX,
  client: "pass store: redisStore(client), with redisStore from 'limpet/redis'",
  redis: "pass store: redisStore(client), with redisStore from 'limpet/redis'",
  url: 'set REDIS_URL in the environment, or pass store: redisStore(client)',
}

export const OTHER_COOKIE_OPTIONS: Words = {
  maxAge: `outside of cookie: ${LIFETIME}; for a cookie that ends with the browser, lifetime: 'session'`,
  expires: `outside of cookie: ${LIFETIME}`,
  originalMaxAge: `outside of cookie: ${LIFETIME}`,
  key: "it is name: 'limpet'",
  signed: OTHER_OPTIONS.signed ?? '',
  overwrite: OTHER_OPTIONS.overwrite ?? '',
  encode: 'leave it out: the value needs no encoding',
}
