import { type Finding, numbersOf } from '../findings.ts'
import type { Observations } from '../observations.ts'
import { limpetExchanges, sessionChanges } from '../wire/limpet.ts'

/** Tokens name the key that signed them; while secrets rotate, two are in use, and sessions are kept. */
export function limpetSecretsDiffer(seen: Observations): readonly Finding[] {
  const lost = sessionChanges(seen).filter(({ sent, given }) => sent?.keyId !== given?.keyId)
  if (lost.length === 0) return []
  const keys = [...new Set(limpetExchanges(seen).flatMap(({ given }) => given?.keyId ?? []))].sort()
  const evidence = numbersOf(lost.map(({ exchange }) => exchange))
  return [{ id: 'limpet-secrets-differ', level: 'error', args: { keys, lost: lost.length }, evidence }]
}

/** A good token came back and a new session began. Different secrets explain it better where they are seen. */
export function limpetSessionChanges(seen: Observations): readonly Finding[] {
  if (limpetSecretsDiffer(seen).length > 0) return []
  const lost = sessionChanges(seen)
  const [first] = lost
  if (!first) return []
  const args = { name: first.name, lost: lost.length }
  return [
    { id: 'limpet-session-changes', level: 'error', args, evidence: numbersOf(lost.map(({ exchange }) => exchange)) },
  ]
}
