/** What is wrong with a cell: one or two words for the table, and the whole of it for who has to mend it. */
export interface Problem {
  readonly word: string
  readonly detail: string
}

export const problem = (word: string, detail = word): Problem => ({ word, detail })
