import { Agent, request } from 'node:http'

export interface One {
  readonly path: string
  readonly cookie?: string
}

/**
 * One request for each of `items`, 50 at a time; resolves to the cookies that the answers set, in the order of the items:
 * "name=value" joined as a Cookie header has them, or '' for none.
 */
export async function eachRequest(url: string, items: readonly One[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const cookies: string[] = new Array(items.length).fill('')
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      const item = items[index]
      if (item) cookies[index] = await visit(url, item, agent)
    }
  }
  try {
    await Promise.all(Array.from({ length: 50 }, worker))
  } finally {
    agent.destroy()
  }
  return cookies
}

function visit(url: string, { path, cookie }: One, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request(`${url}${path}`, { agent, headers: cookie ? { cookie } : {} }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`${path} answered ${res.statusCode}`))
      const set = res.headers['set-cookie'] ?? []
      res.resume().on('end', () => resolve(set.map((one) => one.split(';')[0]).join('; ')))
    })
    req.on('error', reject).end()
  })
}
