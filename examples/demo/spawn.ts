import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The demo as a process of its own, once its page is served; for the pictures and for the tests. */
export async function spawnDemo(): Promise<{ url: string; close(): Promise<void> }> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const env = { ...process.env, PORT: '0' }
  const demo = spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(demo, 'exit')
  let printed = ''
  const url = await new Promise<string>((resolve, reject) => {
    gone.then(([code]) => reject(new Error(`the demo ended with ${code} before it served its page`)), reject)
    demo.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text
      const found = /http:\/\/localhost:\d+/.exec(printed)
      if (found) resolve(found[0])
    })
  })
  return {
    url,
    async close() {
      demo.kill('SIGTERM')
      await gone
    },
  }
}
