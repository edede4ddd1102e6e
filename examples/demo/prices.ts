import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** The service that knows prices: slow, as other people's services are. */
export interface Prices {
  readonly url: string
  /** The next answer waits until it is released. `asked` resolves once somebody waits for it. */
  hold(): { readonly asked: Promise<void>; release(): void }
  close(): Promise<void>
}

/** Milliseconds that a price takes. */
const delay = 25

export async function startPrices(): Promise<Prices> {
  let holding: ((response: ServerResponse) => void) | undefined
  const server = createServer((_request, response) => {
    if (holding) holding(response)
    else setTimeout(answer, delay, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: urlOf(server.address()),
    hold() {
      let held: ServerResponse | undefined
      const asked = new Promise<void>((resolve) => {
        holding = (response) => {
          holding = undefined
          held = response
          resolve()
        }
      })
      return {
        asked,
        release() {
          holding = undefined
          if (held) answer(held)
        },
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(response: ServerResponse): void {
  response.end('20 euros')
}

export function urlOf(address: ReturnType<import('node:net').Server['address']>): string {
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}
