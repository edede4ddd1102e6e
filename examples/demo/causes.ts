/** One thing that the client does. */
export interface Step {
  readonly method: 'GET' | 'POST'
  readonly path: '/cart' | '/gone' | '/login' | '/account'
  /** Milliseconds for which the client does nothing first. The balancer's clock is put forward; nobody waits. */
  readonly idle?: number
  /** A step that begins the session must answer with this status. A step without one looks whether it is still there. */
  readonly begins?: number
}

/** One way in which a load balancer loses a session, and how to see it. */
export interface Cause {
  readonly id: 'persistence-off' | 'timeout' | 'error-first' | 'redirect'
  readonly title: string
  readonly why: string
  readonly balancer: { readonly persistence: boolean; readonly timeout: number }
  readonly steps: readonly Step[]
}

const seconds = 1000
const on = { persistence: true, timeout: 1000 * seconds }

/** The four causes of the article, in its order. */
export const causes: readonly Cause[] = [
  {
    id: 'persistence-off',
    title: 'Persistence is off',
    why: 'Nobody switched it on at the listener, so each request goes to the next backend in turn.',
    balancer: { ...on, persistence: false },
    steps: [
      { method: 'POST', path: '/cart', begins: 200 },
      { method: 'GET', path: '/cart' },
      { method: 'GET', path: '/cart' },
      { method: 'GET', path: '/cart' },
    ],
  },
  {
    id: 'timeout',
    title: 'The timeout is too short',
    why: 'The balancer forgets a client after 60 seconds. This one reads a page for 90.',
    balancer: { ...on, timeout: 60 * seconds },
    steps: [
      { method: 'POST', path: '/cart', begins: 200 },
      { method: 'GET', path: '/cart' },
      { method: 'GET', path: '/cart', idle: 90 * seconds },
    ],
  },
  {
    id: 'error-first',
    title: 'A 404 comes first',
    why: 'The page puts a voucher into the cart, but an answer of 400 or above gets no cookie from the balancer.',
    balancer: on,
    steps: [
      { method: 'GET', path: '/gone', begins: 404 },
      { method: 'GET', path: '/cart' },
      { method: 'GET', path: '/cart' },
    ],
  },
  {
    id: 'redirect',
    title: 'Logging in is a 302',
    why: "On a 302 the balancer's SERVERID changes, and now it names another backend.",
    balancer: on,
    steps: [
      { method: 'POST', path: '/login', begins: 302 },
      { method: 'GET', path: '/account' },
      { method: 'GET', path: '/account' },
    ],
  },
]
