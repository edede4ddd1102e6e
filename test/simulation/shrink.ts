import type { FaultPlan, Plan, Step } from './plan.ts'

/** Does this plan still show what is looked for? */
export type Shows = (plan: Plan) => Promise<boolean>

type Item = { readonly step: Step } | { readonly fault: FaultPlan }

/** Leaves out what is not needed to show it, half of everything first and then less (after Zeller's ddmin), and simplifies the rest. */
export async function shrink(plan: Plan, shows: Shows): Promise<Plan> {
  let items: Item[] = [...plan.steps.map((step) => ({ step })), ...plan.faults.map((fault) => ({ fault }))]
  for (let size = Math.ceil(items.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < items.length; ) {
      const rest = [...items.slice(0, at), ...items.slice(at + size)]
      if (await shows(made(plan, rest))) items = rest
      else at += size
    }
  }
  for (const change of simpler) {
    for (let at = 0; at < items.length; at++) {
      const changed = items.map((item, index) => (index === at && 'step' in item ? { step: change(item.step) } : item))
      if (JSON.stringify(changed) !== JSON.stringify(items) && (await shows(made(plan, changed)))) items = changed
    }
  }
  for (let at = 0; at < items.length; ) {
    const rest = [...items.slice(0, at), ...items.slice(at + 1)]
    if (await shows(made(plan, rest))) items = rest
    else at++
  }
  return made(plan, items)
}

function made(plan: Plan, items: readonly Item[]): Plan {
  const steps = items.flatMap((item) => ('step' in item ? [item.step] : []))
  const faults = items.flatMap((item) => ('fault' in item ? [item.fault] : []))
  return { ...plan, steps, faults }
}

const simpler: readonly ((step: Step) => Step)[] = [
  (step) => ({ ...step, lose: 'nothing' }),
  (step) => ({ ...step, stream: false }),
  (step) => ({ ...step, wait: 0 }),
  (step) => ({ ...step, there: 1 }),
  (step) => ({ ...step, back: 1 }),
]
