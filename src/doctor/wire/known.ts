import { decodeToken } from '../../core/token.ts'

/** A kind of cookie that load balancers, or limpet, keep clients with. */
export interface Known {
  readonly product: string
  readonly name: RegExp
  /** The value has to look like this; undefined: the name says enough. */
  readonly form?: RegExp
  /**
   * The part of the value that names the backend: for one client it stays as long as the backend does. Undefined: no
   * part of it can be compared.
   */
  readonly key: (value: string) => string | undefined
}

const whole = (value: string) => value
const opaque = () => undefined
const before = (mark: string) => (value: string) => value.split(mark, 1)[0]
const after = (marks: RegExp) => (value: string) => value.split(marks).slice(1).join('.') || undefined

export const LIMPET = 'limpet'

/** The first row that fits counts. */
export const KNOWN: readonly Known[] = [
  {
    product: 'Alibaba Cloud SLB and ALB, Tengine',
    name: /^SERVER(CORS)?ID$/,
    form: /^[0-9a-f]{32}\|\d+\|\d+$/,
    key: before('|'),
  },
  // With maxidle or maxlife the value goes on with one or two dates.
  { product: 'HAProxy', name: /^(SERVERID|SERVERUSED|SRV|SRVID|SRVNAME)$/i, key: before('|') },
  // Encrypted anew in every answer.
  { product: 'AWS Application Load Balancer', name: /^AWSALB(TG)?(CORS)?$/, key: opaque },
  { product: 'AWS Application Load Balancer', name: /^AWSALBAPP-\d$/, key: opaque },
  { product: 'AWS Classic Load Balancer', name: /^AWSELB(CORS)?$/, key: whole },
  { product: 'Google Cloud Load Balancing', name: /^GCLB$/, key: whole },
  { product: 'Azure App Service', name: /^ARRAffinity(SameSite)?$/, key: whole },
  { product: 'Azure Application Gateway', name: /^ApplicationGatewayAffinity(CORS)?$/, key: whole },
  { product: 'F5 BIG-IP', name: /^BIGipServer/, key: whole },
  { product: 'ingress-nginx', name: /^INGRESSCOOKIE$/, key: whole },
  { product: 'nginx', name: /^(route|srv_id)$/i, form: /^[\w.:-]{1,64}$/, key: whole },
  { product: 'Cloudflare Load Balancing', name: /^__cflb$/, key: whole },
  { product: 'Heroku', name: /^heroku-session-affinity$/, key: whole },
  { product: 'Cloud Foundry', name: /^__VCAP_ID__$/, key: whole },
  // "id.route" of Tomcat and Apache, "id!server" of WebLogic.
  { product: 'a Java server', name: /^JSESSIONID$/i, form: /^[^.!]+[.!][\w!.-]+$/, key: after(/[.!]/) },
  // The names that the documentation of each suggests; others are learned.
  { product: 'Apache', name: /^ROUTEID$/, form: /^[^.]*\.[\w.-]+$/, key: after(/\./) },
  { product: 'Caddy', name: /^lb$/, form: /^[0-9a-f]{64}$/, key: whole },
  { product: 'Traefik', name: /^_[0-9a-f]{5}$/, form: /^[0-9a-f]{16}$|^https?:/, key: whole },
]

/** What a cookie is, by its name and value. Undefined: nothing that is known. */
export function knownCookie(name: string, value: string): Known | undefined {
  if (decodeToken(value)) return { product: LIMPET, name: /./, key: opaque }
  return KNOWN.find((row) => row.name.test(name) && (row.form?.test(value) ?? true))
}
