import { createHash } from 'node:crypto'
import { isNoScript } from './errors.ts'
import type { Link } from './link.ts'

/** A Lua script, called by its hash; the text is sent only when the server says that it does not know it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs it. After NOSCRIPT nothing has happened on the server, so that alone is a reason to send it again. */
export async function run(
  link: Link,
  { sha, text }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<readonly unknown[]> {
  const command = ['EVALSHA', sha, String(keys.length), ...keys]
  for (const arg of args) command.push(String(arg))
  const [key = ''] = keys
  try {
    return (await link.send(key, command)) as unknown[]
  } catch (error) {
    if (!isNoScript(error)) throw error
    return (await link.send(key, ['EVAL', text, ...command.slice(2)])) as unknown[]
  }
}
