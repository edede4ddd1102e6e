import { type ExamineOptions, examine, type FindingId, type Report } from '../../../src/doctor.ts'
import type { Certificate } from '../../support/certificate.ts'
import { ALWAYS, EXCEPTIONS, type Fault } from './faults.ts'
import { type Switches, startSite } from './site.ts'

/** A site with these faults, and what the doctor has to be told. */
export function together(faults: readonly Fault[]): { readonly switches: Switches; readonly options: ExamineOptions } {
  const all = faults.map(({ switches }) => switches)
  return {
    switches: {
      ...Object.assign({}, ...all),
      balancer: Object.assign({}, ...all.map(({ balancer }) => balancer)),
      fields: Object.assign({}, ...all.map(({ fields }) => fields)),
      cookies: all.flatMap(({ cookies = [] }) => cookies),
      alters: all.flatMap(({ alters = [] }) => alters),
    },
    options: Object.assign({ redirect: '/login' }, ...faults.map(({ options }) => options)),
  }
}

/** All that these faults make, but for what one of them hides. */
export function expected(faults: readonly Fault[]): readonly FindingId[] {
  const names = faults.map(({ name }) => name)
  const exception = EXCEPTIONS.find(({ pair }) => pair.length === names.length && pair.every((n) => names.includes(n)))
  if (exception) return exception.finds
  const masked = new Set(faults.flatMap(({ masks = [] }) => masks))
  const found = [...ALWAYS, ...faults.flatMap(({ finds }) => finds)]
  return [...new Set(found)].filter((id) => !masked.has(id)).sort()
}

export async function examineWith(faults: readonly Fault[], certificate?: Certificate): Promise<Report> {
  const { switches, options } = together(faults)
  const site = await startSite(switches, certificate)
  try {
    return await examine(site.url, options)
  } finally {
    await site.close()
  }
}

export function idsIn({ findings }: Report): readonly FindingId[] {
  return [...new Set(findings.map(({ id }) => id))].sort()
}
