import { readDuration, TIMER_BOUNDS } from './config/duration.ts'
import type { Routing } from './config/routing.ts'
import { createExtract } from './core/carriers.ts'
import { isError, isLimpetError, LimpetError } from './core/errors.ts'
import { createOwnedIds } from './core/owned-id.ts'
import type { PeerRecord } from './core/peer-record.ts'
import { createPurposeKeys } from './core/purpose-keys.ts'
import type { Policy } from './core/route.ts'
import { createDispatch, type Homing } from './engine/dispatch.ts'
import { drain } from './engine/process/drain.ts'
import { HopGate } from './engine/process/hop-gate.ts'
import type { OpenRequests } from './engine/process/open-requests.ts'
import { Presence } from './engine/process/presence.ts'
import type { Services } from './engine/services.ts'
import { createFollowHop } from './hops.ts'
import { createPolicies } from './misdirected/policies.ts'
import { isReplayed } from './misdirected/replay.ts'
import type { Registry } from './ports/backends.ts'
import type { Exchange, Handle, RoutedArrival } from './ports/exchange.ts'
import type { Hop } from './ports/misdirected.ts'

export interface HomingOptions {
  readonly routing: Routing
  readonly url: string | undefined
  readonly secrets: readonly string[]
  readonly registry: Registry | undefined
  readonly open: OpenRequests
  /** What passes requests on instead of `node:http`, where it can. */
  readonly hop: Hop | undefined
}

/** How requests find their owners: the part of the composition that exists only where `misdirected` asks for it. */
export function createHoming(services: Services, { routing, url, secrets, registry, open, hop }: HomingOptions) {
  if (registry === undefined) {
    throw new LimpetError(
      'ERR_LIMPET_OPTIONS',
      'misdirected needs a store through which backends find each other, and this one has no `backends`: use redisStore(client), or give your store a Registry',
    )
  }
  const { backend, boot, clock, config, events, steady, warnings } = services
  const keysFor = (purpose: string) => createPurposeKeys(secrets, config.namespace, purpose)
  const self: PeerRecord = {
    boot,
    id: backend,
    url: url === 'unix' ? undefined : url,
    started: Math.floor(clock.now()),
    phase: 'serving',
    hint: config.hint?.value,
  }
  const presence = new Presence(registry, keysFor('backend'), steady, self)
  presence.onFailure = (error) => events.emit({ type: 'store-failed', operation: 'announce', error })
  presence.onChange = (change, id) => {
    if (change !== 'same-url') return events.emit({ type: 'backend', state: change, id })
    warnings.once(
      'same-url',
      `this backend and another one (${id}) announce the same backend.url, so requests for one reach the other: give each a url of its own`,
    )
  }
  const ids = createOwnedIds(keysFor('owned id'))
  const { policy } = routing
  const homing: Homing = {
    presence,
    registry,
    gate: new HopGate(keysFor('hop'), boot, clock.now, services.ids.next),
    ids,
    extract: routing.carriers.length > 0 ? createExtract(routing.carriers) : undefined,
    policies: createPolicies(hop),
    open,
    follow: createFollowHop(),
    policyFor:
      typeof policy === 'function' ? harmless(policy, (why) => warnings.once('misdirected-failed', why)) : () => policy,
    isReplayed,
  }
  if (services.hints) services.hints.ofPeer = (boot) => presence.peer(boot)?.hint
  void presence.start()
  let isReachable = url !== 'unix'
  const toHomes = createDispatch(services, homing)
  const dispatch: Exchange['dispatch'] = (arrival) => {
    if (!isReachable) {
      warnings.once(
        'not-attached',
        "backend.url is 'unix', and limpet.attach(server) was not called, so no other backend can reach this one: call it with the server that app.listen() returns",
      )
    }
    return toHomes(arrival)
  }
  const reachable = (at: string) => {
    isReachable = true
    void presence.start(at)
  }
  const handle: Pick<Handle, 'ownedId' | 'isReady' | 'drain'> = {
    ownedId: () => ids.mint(boot, services.ids.next()),
    isReady: () => presence.isReady,
    drain: async ({ deadline = '30s' } = {}) =>
      drain(presence, open, readDuration(deadline, 'deadline', TIMER_BOUNDS), steady),
  }
  const close = async () => {
    await presence.close()
    homing.policies.close()
  }
  return { dispatch, reachable: url === 'unix' ? reachable : undefined, handle, close }
}

/** What a client sends must not make it throw: then the request is served where it landed. */
function harmless(choose: (request: RoutedArrival) => Policy, warn: (why: string) => void) {
  return (request: RoutedArrival): Policy => {
    try {
      return choose(request)
    } catch (error) {
      // The text of another's error may hold anything, ours says what to write instead.
      const why = isLimpetError(error) ? error.message : `it threw ${isError(error) ? error.name : typeof error}`
      warn(
        `misdirected was asked what to do with a request, and the request was served where it landed: ${why}. Reported once`,
      )
      return 'serve'
    }
  }
}
