import { createHash } from 'node:crypto'
import type { Patience } from '../deadline/patience.ts'
import type { Labels } from '../ports/store.ts'
import type { Fence } from './fence.ts'
import type { Link } from './link.ts'
import { ADD_LABEL, LIST_LABEL, REMOVE_LABEL } from './scripts/labels.ts'
import { run, script } from './scripts.ts'

const ADD = script(ADD_LABEL)
const LIST = script(LIST_LABEL)
const REMOVE = script(REMOVE_LABEL)

/** How many ids one command removes. */
const AT_ONCE = 1000

interface LabelParts {
  readonly link: Link
  readonly fence: Fence
  readonly prefix: string
  /** Does it when there is a connection; whatever fails becomes a StoreError. */
  readonly guarded: <T>(operation: string, within: number, work: (patience: Patience) => Promise<T>) => Promise<T>
}

/** One index for each label, in one place with it, and so perhaps on another node of a cluster than its sessions. */
export function redisLabels({ link, fence, prefix, guarded }: LabelParts): Labels {
  return {
    add: (label, id, { ttl, within }) =>
      guarded('label', within, async (patience) => {
        const [, isNew] = await fence.run('label', ADD, [indexOf(prefix, label)], [id, ttl], patience)
        return Number(isNew) === 1
      }),

    list: (label, { within }) =>
      guarded('read', within, async () => (await run(link, LIST, [indexOf(prefix, label)], [])).map(String)),

    remove: (label, ids, { within }) =>
      guarded('label', within, async (patience) => {
        for (let at = 0; at < ids.length; at += AT_ONCE) {
          await fence.run('label', REMOVE, [indexOf(prefix, label)], ids.slice(at, at + AT_ONCE), patience)
        }
      }),
  }
}

/**
 * Two characters in braces choose the slot, as those of an id do: the clock of the node that has it is known by them.
 */
function indexOf(prefix: string, label: string): string {
  const place = createHash('sha256').update(label).digest('base64url').slice(0, 2)
  return `${prefix}label:{${place}}${label}`
}
