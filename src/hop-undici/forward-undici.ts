import type { ServerResponse } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import { fieldsFor, inPairs, urlOf, writeHead } from '../misdirected/heads.ts'
import { Passage, type RawRequest } from '../misdirected/passage.ts'
import type { Passed, Passing, Peer } from '../ports/misdirected.ts'

type Controller = Dispatcher.DispatchController

/** Sends a request without a body to its owner, and the owner's answer to the client, once. */
export function forwardByUndici(pool: Pool, raw: RawRequest, peer: Peer, passing: Passing): Promise<Passed> {
  return new Promise((resolve) => {
    const passage = new UndiciPassage(raw, passing, (passed) => {
      stay()
      resolve(passed)
    })
    const stay = peer.gone.whenCome(() => passage.lost(504))
    const { request } = raw
    pool.dispatch(
      {
        method: request.method as Dispatcher.HttpMethod,
        path: urlOf(request),
        headers: fieldsFor(raw, 'none', passing),
      },
      passage,
    )
  })
}

class UndiciPassage extends Passage implements Dispatcher.DispatchHandler {
  #controller: Controller | undefined

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    // Law 8: nothing is sent twice.
    if (this.isOver || this.isSent) controller.abort(new Error('not again'))
    else this.isSent = true
  }

  onResponseStart(
    controller: Controller,
    statusCode: number,
    headers: Record<string, string | string[] | undefined>,
    statusMessage?: string,
  ): void {
    if (this.isOver) return
    if (statusCode < 200) {
      this.inform(statusCode, headers)
      return
    }
    this.status = statusCode
    const response = this.raw.response as ServerResponse
    const connection = headers.connection?.toString()
    const rawHeaders = textsOf(controller.rawHeaders)
    writeHead(response, { statusCode, statusMessage, rawHeaders, connection }, this.passing.timing)
    response.on('drain', () => controller.resume())
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.isOver && !(this.raw.response as ServerResponse).write(chunk)) controller.pause()
  }

  onResponseEnd(controller: Controller): void {
    if (this.isOver) return
    const response = this.raw.response as ServerResponse
    const trailers = textsOf(controller.rawTrailers)
    if (trailers.length > 0) response.addTrailers(inPairs(trailers) as never)
    response.end()
  }

  onResponseError(): void {
    this.failed()
  }

  protected breakOff(why: string): void {
    this.#controller?.abort(new Error(why))
  }

  protected keepBody(): void {}
}

/** Each name and each value comes as bytes. */
function textsOf(raw: Controller['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return []
  return raw.map((one) => (typeof one === 'string' ? one : one.toString('latin1')))
}
