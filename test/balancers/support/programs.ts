import { apacheRoute, caddyUpstream } from '../../../src/hints.ts'
import type { HintOf } from './pool.ts'

/** A load balancer that Debian has, with the file of examples/balancers that configures it. */
export interface Program {
  readonly title: string
  /** The file in examples/balancers. */
  readonly config: string
  readonly hintOf: HintOf
  readonly command: string
  /** The package that has it. */
  readonly debian: string
  /** How it runs in the foreground, in this folder, by this file. */
  readonly args: (folder: string, file: string, port: number) => readonly string[]
  /** What a whole configuration has around the example. */
  readonly around?: (example: string, folder: string) => string
  /** What is printed says its version. */
  readonly version: readonly string[]
}

/** As it stands in examples/balancers/Caddyfile.cookie. */
const CADDY_SECRET = 'change-this-secret-of-caddy'

const plain: HintOf = (name) => name

const MODULES = [
  'mpm_event',
  'authz_core',
  'headers',
  'slotmem_shm',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'lbmethod_byrequests',
]

const caddy = {
  command: 'caddy',
  debian: 'caddy',
  args: (_folder: string, file: string) => ['run', '--config', file, '--adapter', 'caddyfile'],
  // Its door for administrators is a port that others may have.
  around: (example: string) => `{\n\tadmin off\n\tauto_https off\n}\n${example}`,
  version: ['version'],
}

export const programs: readonly Program[] = [
  {
    title: 'HAProxy',
    config: 'haproxy.cfg',
    hintOf: plain,
    command: 'haproxy',
    debian: 'haproxy',
    args: (_folder, file) => ['-db', '-f', file],
    version: ['-v'],
  },
  {
    title: 'nginx',
    config: 'nginx.conf',
    hintOf: plain,
    command: 'nginx',
    debian: 'nginx',
    args: (folder, file) => ['-p', folder, '-c', file, '-e', 'stderr'],
    around: (example, folder) =>
      `daemon off;\npid ${folder}/pid;\nerror_log stderr crit;\nevents {}\nhttp {\naccess_log off;\n${example}\n}\n`,
    version: ['-v'],
  },
  {
    title: 'Apache',
    config: 'apache.conf',
    hintOf: (name) => apacheRoute(name),
    command: 'apache2',
    debian: 'apache2-bin',
    args: (folder, file) => ['-d', folder, '-f', file, '-DFOREGROUND'],
    around: (example, folder) =>
      [
        ...MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
        `DefaultRuntimeDir ${folder}`,
        `PidFile ${folder}/pid`,
        `ErrorLog ${folder}/log`,
        'ServerName localhost',
        ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
        example,
      ].join('\n'),
    version: ['-v'],
  },
  { ...caddy, title: 'Caddy', config: 'Caddyfile', hintOf: plain },
  {
    ...caddy,
    title: 'Caddy, by `lb_policy cookie`',
    config: 'Caddyfile.cookie',
    hintOf: (_name, port) => caddyUpstream(`127.0.0.1:${port}`, CADDY_SECRET),
  },
  {
    title: 'Varnish',
    config: 'varnish.vcl',
    hintOf: plain,
    command: 'varnishd',
    debian: 'varnish',
    args: (folder, file, port) => [
      '-F',
      '-j',
      'none',
      '-n',
      `${folder}/n`,
      '-s',
      'malloc,16m',
      '-a',
      `127.0.0.1:${port}`,
      '-f',
      file,
    ],
    version: ['-V'],
  },
  {
    title: 'lighttpd',
    config: 'lighttpd.conf',
    hintOf: plain,
    command: 'lighttpd',
    debian: 'lighttpd',
    args: (_folder, file) => ['-D', '-f', file],
    version: ['-v'],
  },
]
