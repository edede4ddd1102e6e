/** Where, beside our cookie, a request may bring an owned id. */
export type Carrier =
  | {
      /** The name of a request header. */
      readonly header: string
    }
  | {
      /** The name of a query parameter. */
      readonly query: string
    }
  | {
      /** A path of which one segment, `:id` or with any other name, is the id; what follows it may be anything. */
      readonly path: string
    }

/** The part of a request in which carriers look. */
export interface Carrying {
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** The id that a request brings; undefined: none. The first carrier that finds one counts. Never throws. */
export type Extract = (request: Carrying) => string | undefined

export function createExtract(carriers: readonly Carrier[]): Extract {
  const all = carriers.map(extractOf)
  return (request) => {
    for (const extract of all) {
      const id = extract(request)
      if (id !== undefined && id !== '') return id
    }
    return undefined
  }
}

function extractOf(carrier: Carrier): Extract {
  if ('header' in carrier) {
    const name = carrier.header.toLowerCase()
    return ({ headers }) => {
      const value = headers[name]
      return typeof value === 'string' ? value : value?.[0]
    }
  }
  if ('query' in carrier) return ({ url = '' }) => queryValue(url, carrier.query)
  const wanted = carrier.path.split('/')
  return ({ url = '' }) => segment(wanted, url)
}

function queryValue(url: string, name: string): string | undefined {
  const at = url.indexOf('?')
  // The parser of URLSearchParams only where there is something to find.
  if (at === -1 || !url.includes(name, at)) return undefined
  return new URLSearchParams(url.slice(at + 1)).get(name) ?? undefined
}

function segment(wanted: readonly string[], url: string): string | undefined {
  const end = url.indexOf('?')
  const given = (end === -1 ? url : url.slice(0, end)).split('/')
  let id: string | undefined
  for (let i = 0; i < wanted.length; i++) {
    const [want = '', got] = [wanted[i], given[i]]
    if (want.startsWith(':')) id = got
    else if (want !== got) return undefined
  }
  return id
}
