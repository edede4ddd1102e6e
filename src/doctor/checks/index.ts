import type { Check, FindingId } from '../findings.ts'
import { addressDisclosed } from './address-disclosed.ts'
import { affinityChangesOnRedirect } from './affinity-changes-on-redirect.ts'
import { cookieTooBig, sameSiteNoneWithoutSecure, secureMissing } from './attributes.ts'
import { backendChanges } from './backend-changes.ts'
import { cannotTellBackend, oneBackend } from './backends-told-apart.ts'
import { cookieEndsMidSession } from './cookie-ends-mid-session.ts'
import { cookieInSharedCache } from './cookie-in-shared-cache.ts'
import { cookieNotReturned } from './cookie-not-returned.ts'
import { duplicateCookie } from './duplicate-cookie.ts'
import { limpetClocksDiffer } from './limpet-clocks-differ.ts'
import { limpetMissing } from './limpet-missing.ts'
import { limpetSecretsDiffer, limpetSessionChanges } from './limpet-sessions.ts'
import { noAffinityCookie } from './no-affinity-cookie.ts'
import { noCookieOn4xx, noCookieOn5xx, noCookieOnRedirect } from './no-cookie-on-status.ts'
import { parallelFirstRequests } from './parallel-first-requests.ts'
import { timeoutTooLow } from './timeout-too-low.ts'
import { twoAffinityCookies } from './two-affinity-cookies.ts'
import { upgradeOtherBackend, upgradeRefused } from './upgrades.ts'

/** Every check by the id of its finding, the article's four causes first. */
export const checks: Readonly<Record<FindingId, Check>> = {
  'no-affinity-cookie': noAffinityCookie,
  'timeout-too-low': timeoutTooLow,
  'no-cookie-on-4xx': noCookieOn4xx,
  'affinity-changes-on-redirect': affinityChangesOnRedirect,
  'no-cookie-on-5xx': noCookieOn5xx,
  'no-cookie-on-redirect': noCookieOnRedirect,
  'backend-changes': backendChanges,
  'two-affinity-cookies': twoAffinityCookies,
  'limpet-missing': limpetMissing,
  'limpet-secrets-differ': limpetSecretsDiffer,
  'limpet-session-changes': limpetSessionChanges,
  'limpet-clocks-differ': limpetClocksDiffer,
  'cookie-not-returned': cookieNotReturned,
  'samesite-none-without-secure': sameSiteNoneWithoutSecure,
  'secure-missing': secureMissing,
  'duplicate-cookie': duplicateCookie,
  'cookie-ends-mid-session': cookieEndsMidSession,
  'cookie-in-shared-cache': cookieInSharedCache,
  'cookie-too-big': cookieTooBig,
  'address-disclosed': addressDisclosed,
  'upgrade-refused': upgradeRefused,
  'upgrade-other-backend': upgradeOtherBackend,
  'parallel-first-requests': parallelFirstRequests,
  'one-backend': oneBackend,
  'cannot-tell-backend': cannotTellBackend,
}
