import { LimpetError } from './errors.ts'

/** Characters. It stands in the name of a key, and in the first line of each session that has it. */
const LONGEST = 256

/** Out here, because some compilers make a new RegExp wherever a literal of this kind is reached. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Throws `ERR_LIMPET_LABEL` for what is no label. The text does not show it: a label may name a person. */
export function checkLabel(label: unknown, call: string): asserts label is string {
  if (typeof label !== 'string') {
    const got = label === null ? 'null' : typeof label
    throw refused(`a label must be a string, like ${call}('user:42'); got ${got}`)
  }
  if (label === '' || label.length > LONGEST || LONE_SURROGATE.test(label)) {
    throw refused(`a label must have 1 to ${LONGEST} characters of well-formed Unicode, like ${call}('user:42')`)
  }
}

export function noLabels(): LimpetError {
  return refused(
    'this store finds no sessions by labels: memoryStore() and redisStore() do, and a store of your own does when it has `labels` (docs/stores.md)',
  )
}

function refused(message: string): LimpetError {
  return new LimpetError('ERR_LIMPET_LABEL', message)
}
