/**
 * What to do with a request whose session, or other id, belongs to another backend. `reject`: the status to answer
 * with.
 */
export type Policy = 'serve' | 'forward' | 'replay' | { readonly reject: number }

/**
 * What this backend believes of the owner. `unknown`: nobody has asked since the request came; `away`: the registry
 * does not answer.
 */
export type OwnerState = 'alive' | 'draining' | 'gone' | 'unknown' | 'away'

export interface RouteFacts {
  readonly policy: Policy
  /** `here`: this life of this backend. `nobody`: the owner has given the session up. */
  readonly owner: 'here' | 'nobody' | OwnerState
  /** What named the owner: the token of our cookie, or an id that a carrier brought. */
  readonly by: 'cookie' | 'carrier'
  /** The request comes from a peer, which has passed it on, or a proxy has replayed it already. */
  readonly passedOn: boolean
  /** The session has stored something. */
  readonly hasStored: boolean
}

export type Route =
  /**
   * `signs`: `here`, whoever signs becomes the owner; `now`: the token is signed at once; `there`: the owner stays,
   * also when something is written.
   */
  | { readonly kind: 'serve'; readonly signs: 'here' | 'now' | 'there' }
  /** Ask the registry about the owner, and route again. */
  | { readonly kind: 'ask' }
  /** The owner is gone: become the owner, if no other backend has. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'forward' }
  | { readonly kind: 'replay' }
  | { readonly kind: 'reject'; readonly status: number }

const HERE: Route = { kind: 'serve', signs: 'here' }
const NOW: Route = { kind: 'serve', signs: 'now' }
const THERE: Route = { kind: 'serve', signs: 'there' }

/** Total and pure: the rest of limpet fetches the facts and carries the route out. */
export function route({ policy, owner, by, passedOn, hasStored }: RouteFacts): Route {
  if (policy === 'serve') return HERE
  if (owner === 'here') return by === 'cookie' ? HERE : THERE
  if (by === 'cookie') {
    if (owner === 'nobody') return NOW
    if (owner === 'gone') return hasStored ? { kind: 'adopt' } : NOW
    // Also for what was passed on: to a new life of the owner, at the same address, by a peer that has not noticed.
    if (owner === 'unknown') return ASK
  }
  // At most one hop. And an id of somebody else's protocol cannot be adopted: what it names died with its process, and
  // the application's 404 says so.
  if (passedOn || owner === 'nobody' || owner === 'gone' || owner === 'away') return THERE
  if (owner === 'unknown') return ASK
  if (policy === 'forward' || policy === 'replay') return { kind: policy }
  return { kind: 'reject', status: policy.reject }
}

const ASK: Route = { kind: 'ask' }
