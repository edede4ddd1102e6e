import { list, seconds, type Words } from './words.ts'

/** Findings of cookies and their attributes. */
export const COOKIE_WORDS = {
  'two-affinity-cookies': {
    title: 'Two kinds of affinity cookie',
    text: ({ names, products, moving }) =>
      `The site sets ${list(names)} (${list(products)}).${Array.isArray(moving) && moving.length > 0 ? ` They fight: ${list(moving)} is replaced although it came back.` : ' Each layer chooses for itself; where two of one layer do, one of them loses.'}`,
    repair: 'Leave session persistence on in one place alone, the one that chooses the backend.',
  },
  'address-disclosed': {
    title: 'A cookie discloses an address',
    text: ({ name, value, addresses }) =>
      `The cookie ${name} (${value}) is the address ${list(addresses)} in disguise.`,
    repair: 'Encrypt the cookie (BIG-IP: cookie encryption in the profile), or let it carry a name.',
  },
  'secure-missing': {
    title: 'Secure is missing',
    text: ({ name }) => `The cookie ${name} is set over https without Secure, so http sends it in the clear.`,
    repair: 'Add Secure; in many applications that takes trust in X-Forwarded-Proto.',
  },
  'samesite-none-without-secure': {
    title: 'SameSite=None without Secure',
    text: ({ name }) => `The cookie ${name} has SameSite=None and no Secure: browsers refuse it.`,
    repair: 'Add Secure and serve over https, or use SameSite=Lax.',
  },
  'cookie-not-returned': {
    title: 'The cookie does not come back',
    text: ({ name, why, url }) => `The cookie ${name}, set at ${url}, does not come back there because of ${why}.`,
    repair: 'Leave Domain out, use Path=/, and use Secure over https alone.',
  },
  'duplicate-cookie': {
    title: 'Two cookies of one name',
    text: ({ name, given }) =>
      given
        ? `One answer sets the cookie ${name} twice: which one counts is up to the browser, and to whoever reads it.`
        : `A request carried the cookie ${name} twice, from different paths or domains: which one counts is up to whoever reads it.`,
    repair: 'Set it in one place, with one Path and one Domain.',
  },
  'cookie-ends-mid-session': {
    title: 'The cookie is not renewed',
    text: ({ name, seconds: left }) =>
      `The cookie ${name} ends ${seconds(left)} after it was set, and no later answer sets it anew: it ends in the middle of a visit.`,
    repair: 'Have it set with every answer, or without Max-Age and Expires, so that it lives as long as the browser.',
  },
  'cookie-in-shared-cache': {
    title: 'A shared cache may store the cookie',
    text: ({ names, told }) =>
      `An answer with ${list(names)} ${told ? 'asks shared caches to store it' : 'may be stored by shared caches'}: others would be handed this client's cookie.`,
    repair: "Add 'Cache-Control: private', or set no cookie on what may be cached (HAProxy: nocache).",
  },
  'cookie-too-big': {
    title: 'The cookie is too big',
    text: ({ name, bytes }) => `The cookie ${name} has ${bytes} bytes: browsers drop what is over 4096.`,
    repair: 'Keep the data on the server, and an id alone in the cookie.',
  },
} as const satisfies Readonly<Record<string, Words>>
