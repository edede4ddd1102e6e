import { raw, type Shape } from '../shape.ts'

/** Not the shape's fault, nor a session's. */
const kept = 'Node keeps the reason phrase of the writeHead that failed: "500 OK"'
const brokenWithout = { express4: kept, express5: kept, koa2: kept, koa3: kept, http: kept }

/** A writeHead that throws, and an app that goes on. */
export const failedHeads: readonly Shape[] = [
  {
    name: 'writeHead with an impossible status, then again',
    app: raw((_req, res) => {
      try {
        res.writeHead(99_999, { 'X-First': 'yes' })
      } catch {
        res.writeHead(500, { 'X-Second': 'yes' }).end('recovered')
      }
    }),
    expect: { status: 500, body: 'recovered', headers: { 'X-Second': ['yes'] } },
  },
  {
    name: 'writeHead with an impossible header, then again',
    app: raw((_req, res) => {
      try {
        res.writeHead(200, { 'X Bad': 'yes' })
      } catch {
        res.writeHead(500, { 'X-Second': 'yes' }).end('recovered')
      }
    }),
    expect: { status: 500, body: 'recovered', headers: { 'X-Second': ['yes'] } },
    brokenWithout,
  },
  {
    name: 'writeHead with half a pair in its list, then again',
    app: raw((_req, res, kit) => {
      try {
        res.writeHead(200, ['X-A', '1', 'X-B'])
      } catch {
        kit.mark('the error of writeHead')
        res.writeHead(500, { 'X-Second': 'yes' }).end('recovered')
      }
    }),
    expect: {
      status: 500,
      body: 'recovered',
      headers: { 'X-A': [], 'X-Second': ['yes'] },
      marks: { 'the error of writeHead': 'no error' },
    },
    brokenWithout,
  },
  {
    name: 'writeHead two times: the second one throws',
    app: raw((_req, res, kit) => {
      res.writeHead(200, { 'X-First': 'yes' })
      try {
        res.writeHead(500, { 'X-Second': 'yes' })
      } catch {
        kit.mark('the error of the second writeHead')
      }
      res.end('first')
    }),
    expect: {
      status: 200,
      body: 'first',
      headers: { 'X-First': ['yes'], 'X-Second': [] },
      marks: { 'the error of the second writeHead': 'no error' },
    },
  },
]
