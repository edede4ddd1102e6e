import type { ExamineOptions, FindingId } from '../../../src/doctor.ts'
import { apache, type Configured, caddy, haproxy, nginx, type Program } from './real-balancers.ts'

/** One way to configure a real balancer, and what the doctor finds then, with the level of each finding. */
export interface Configuration {
  readonly program: Program
  readonly what: string
  readonly text: (ports: Configured) => string
  readonly fields?: Readonly<Record<string, string>>
  readonly options?: ExamineOptions
  /** Two new clients at once may go to one backend: it is chosen by chance, or by several processes. */
  readonly byChance?: boolean
  readonly finds: readonly `${'error' | 'warning' | 'note'} ${FindingId}`[]
}

const CACHEABLE = { 'Cache-Control': 'max-age=60' }

function haproxyWith(lines: readonly string[]): Configuration['text'] {
  return ({ port, backends }) => `
global
  log stdout format raw local0 emerg
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  balance roundrobin
${lines.map((line) => `  ${line}`).join('\n')}
${backends.map((one, at) => `  server web${at + 1} 127.0.0.1:${one} cookie web${at + 1}`).join('\n')}
`
}

function nginxWith(upstream: string, server = '', http = ''): Configuration['text'] {
  return ({ port, backends, folder }) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  ${http}
  ${backends.map((one, at) => `upstream b${at + 1} { server 127.0.0.1:${one}; }`).join('\n  ')}
  upstream all { ${upstream} ${backends.map((one) => `server 127.0.0.1:${one};`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://${http === '' ? 'all' : '$pool'}; ${server} }
  }
}
`
}

/** A cookie that names the backend, as nginx can do it without a module. */
const MAP = 'map $cookie_route $pool { b1 b1; b2 b2; b3 b3; default all; }'
const ROUTE = 'add_header Set-Cookie "route=$upstream_http_x_backend; Path=/"'

function caddyWith(policy: string): Configuration['text'] {
  return ({ port, backends }) => `
{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  bind 127.0.0.1
  reverse_proxy ${backends.map((one) => `127.0.0.1:${one}`).join(' ')} {
    lb_policy ${policy}
  }
}
`
}

function apacheWith(header: string): Configuration['text'] {
  const modules = ['mpm_event', 'authz_core', 'headers', 'proxy', 'proxy_http', 'proxy_balancer', 'slotmem_shm']
  return ({ port, backends, folder }) => `
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
${[...modules, 'lbmethod_byrequests'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
User nobody
Group nogroup
<Proxy balancer://b>
${backends.map((one, at) => `  BalancerMember http://127.0.0.1:${one} route=web${at + 1}`).join('\n')}
  ProxySet ${header === '' ? 'lbmethod=byrequests' : 'stickysession=ROUTEID'}
</Proxy>
${header}
ProxyPass / balancer://b/
`
}

const ROUTEID = 'add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED'

export const CONFIGURATIONS: readonly Configuration[] = [
  {
    program: haproxy,
    what: '`cookie SRV insert indirect nocache`',
    text: haproxyWith(['cookie SRV insert indirect nocache']),
    finds: ['note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: '`cookie stay insert indirect nocache`, a name that has to be learned',
    text: haproxyWith(['cookie stay insert indirect nocache']),
    finds: ['note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: '`cookie SRV insert indirect nocache`, and pages with `max-age=60`',
    text: haproxyWith(['cookie SRV insert indirect nocache']),
    fields: CACHEABLE,
    options: { redirect: '/' },
    finds: ['note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: 'the same, and a 302 with `max-age=60`, which `nocache` leaves as it is',
    text: haproxyWith(['cookie SRV insert indirect nocache']),
    fields: CACHEABLE,
    finds: ['warning cookie-in-shared-cache', 'note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: '`cookie SRV insert indirect` without `nocache`, and pages with `max-age=60`',
    text: haproxyWith(['cookie SRV insert indirect']),
    fields: CACHEABLE,
    finds: ['warning cookie-in-shared-cache', 'note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: '`cookie SRV insert indirect nocache maxidle 2s`, and a pause of 6 seconds',
    text: haproxyWith(['cookie SRV insert indirect nocache maxidle 2s']),
    // HAProxy counts in steps of four seconds, rounded up.
    options: { wait: 6000 },
    finds: ['error timeout-too-low', 'note parallel-first-requests'],
  },
  {
    program: haproxy,
    what: '`balance roundrobin` alone',
    text: haproxyWith([]),
    finds: ['error no-affinity-cookie'],
  },
  {
    program: haproxy,
    what: 'a 404 of its own (`http-request return`)',
    text: haproxyWith([
      'cookie SRV insert indirect nocache',
      'http-request return status 404 unless { path / /login }',
    ]),
    finds: ['error no-cookie-on-4xx', 'note parallel-first-requests'],
  },
  { program: nginx, what: 'round robin', text: nginxWith(''), finds: ['error no-affinity-cookie'] },
  {
    program: nginx,
    what: '`ip_hash`',
    text: nginxWith('ip_hash;'),
    finds: ['note no-affinity-cookie', 'note one-backend'],
  },
  {
    program: nginx,
    what: '`hash $cookie_sid`, a cookie that the application sets',
    text: nginxWith('hash $cookie_sid;'),
    finds: ['error no-affinity-cookie'],
  },
  {
    program: nginx,
    what: '`map $cookie_route` and `add_header` without `always`',
    text: nginxWith('', `${ROUTE};`, MAP),
    finds: ['error no-cookie-on-4xx', 'note parallel-first-requests'],
  },
  {
    program: nginx,
    what: '`map $cookie_route` and `add_header ... always`',
    text: nginxWith('', `${ROUTE} always;`, MAP),
    finds: ['note parallel-first-requests'],
  },
  {
    program: caddy,
    what: '`lb_policy cookie`',
    text: caddyWith('cookie lb a-secret'),
    byChance: true,
    finds: [],
  },
  {
    program: caddy,
    what: '`lb_policy round_robin`',
    text: caddyWith('round_robin'),
    finds: ['error no-affinity-cookie'],
  },
  {
    program: apache,
    what: '`stickysession=ROUTEID` and `Header always add`',
    text: apacheWith(`Header always ${ROUTEID}`),
    byChance: true,
    finds: [],
  },
  {
    program: apache,
    what: '`stickysession=ROUTEID` and `Header add` without `always`',
    text: apacheWith(`Header ${ROUTEID}`),
    byChance: true,
    finds: [],
  },
  { program: apache, what: 'no `stickysession`', text: apacheWith(''), finds: ['error no-affinity-cookie'] },
]
