/** An error with a stack that is the same on every machine: Express shows it in the body. */
export function boom(message = 'boom', properties: object = {}): Error {
  const error = Object.assign(new Error(message), properties)
  error.stack = `Error: ${message}`
  return error
}
