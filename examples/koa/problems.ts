/** What to tell the visitor when a request failed: a status, a title and a sentence or two. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly text: string
}

export const notFound: Problem = { status: 404, title: 'Not here', text: 'The tide must have taken this page.' }

/** limpet's errors are told apart by `code`, which stays the same in every build and version. */
export function problemOf(error: unknown): Problem {
  const { code, applied, status } = (error ?? {}) as { code?: unknown; applied?: unknown; status?: unknown }
  if (code === 'ERR_LIMPET_STORE') {
    const text =
      applied === 'unknown'
        ? 'We could not hear whether your last step was saved. Please look at your cart before you repeat it.'
        : 'We cannot reach our records right now, so your last step was not saved. Please try again in a moment.'
    return { status: 503, title: 'Back in a moment', text }
  }
  if (code === 'ERR_LIMPET_CONFLICT') {
    return {
      status: 503,
      title: 'Busy',
      text: 'Too much happened at once, and this step was not saved. Please repeat it.',
    }
  }
  if (code === 'ERR_LIMPET_DESTROYED') {
    return { status: 409, title: 'You are logged out', text: 'That happened in another window. Nothing was changed.' }
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, title: 'That did not work', text: 'Your browser sent something that we could not read.' }
  }
  return { status: 500, title: 'Our mistake', text: 'Something broke on our side. Please try again.' }
}
