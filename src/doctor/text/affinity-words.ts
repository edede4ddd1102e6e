import { list, seconds, times, type Words } from './words.ts'

/** Findings of who answers whom, and of limpet. */
export const AFFINITY_WORDS = {
  'no-affinity-cookie': {
    cause: 1,
    title: 'No affinity cookie',
    text: ({ moves, source, only }) => {
      if (Number(moves) > 0) {
        return `No answer sets a cookie that keeps a client with its backend, and clients wander: ${times(moves)} another backend answered the same client (told by ${source}).`
      }
      if (only)
        return `No answer sets a cookie that keeps a client with its backend. Only one backend answered: ${only}.`
      if (source) {
        return `No answer sets a cookie that keeps a client with its backend, and yet each client stayed with one (told by ${source}). If the balancer goes by the client's address, clients behind one address share a backend, and a client whose address changes loses its own.`
      }
      return 'No answer sets a cookie that keeps a client with its backend. Nothing tells the backends apart, so it cannot be seen whether clients wander.'
    },
    repair: 'Switch session persistence on at the listener of the load balancer, or use limpet.',
  },
  'timeout-too-low': {
    cause: 2,
    title: 'The timeout is too low',
    text: (args) =>
      args.seconds === undefined
        ? `After a pause of ${seconds(args.waited)} the balancer had forgotten the client${args.to ? `: it went from ${args.from} to ${args.to}` : ''}.`
        : `The cookie ${args.name} ends after ${seconds(args.seconds)}: whoever reads a page for longer loses the session.`,
    repair: 'Set the timeout of session persistence to more than the longest pause of a visitor: 30 minutes or more.',
  },
  'no-cookie-on-4xx': {
    cause: 3,
    title: 'No cookie on a 4XX answer',
    text: ({ name, statuses }) =>
      `A first answer with status ${list(statuses)} does not set ${name}, which other answers set: whoever begins with it is sent elsewhere with the next request.`,
    repair:
      'Have the cookie set whatever the status ("always" in nginx and Apache), or by the application: limpet does it.',
  },
  'no-cookie-on-5xx': {
    title: 'No cookie on a 5XX answer',
    text: ({ name, statuses }) =>
      `A first answer with status ${list(statuses)} does not set ${name}, which others set.`,
    repair:
      'Have the cookie set whatever the status ("always" in nginx and Apache), or by the application: limpet does it.',
  },
  'affinity-changes-on-redirect': {
    cause: 4,
    title: 'The affinity changes on a redirect',
    text: ({ from, to, told, staysWithoutIt }) =>
      `${told === 'cookie' ? 'The cookie of a redirect names another backend' : 'The request after a redirect went to another backend'}: ${from} became ${to}.${staysWithoutIt ? " A client that does not store the redirect's cookie stays where it was." : ''} Whoever logs in with a redirect arrives without a session.`,
    repair: 'Keep the cookie as it is on a 302, or set the affinity in the application: limpet does it.',
  },
  'no-cookie-on-redirect': {
    title: 'No cookie on a redirect',
    text: ({ name, statuses }) =>
      `A first answer with status ${list(statuses)} does not set ${name}, which other answers set: the session that begins with it is lost.`,
    repair: 'Have the cookie set whatever the status, or by the application: limpet does it.',
  },
  'backend-changes': {
    title: 'Another backend answers although the cookie came back',
    text: ({ moves, names, source, from, to, limpet }) =>
      `The client sent ${list(names)} back, and ${times(moves)} it changed from one backend to another, first from ${from} to ${to} (told by ${source}).${limpet ? " limpet's sessions are kept all the same." : ''}`,
    repair:
      'Look whether the balancer follows the cookie that it is sent, whether all its nodes share one configuration, and whether backends fail their health checks.',
  },
  'cannot-tell-backend': {
    title: 'Nothing tells the backends apart',
    text: ({ names }) =>
      `The site sets ${list(names)}, but no field, ETag or body differs between backends, so it cannot be seen whether clients stay.`,
    repair: "Let each backend name itself, for example 'X-Backend: 1' in its answers, and run this again.",
  },
  'one-backend': {
    title: 'Only one backend answered',
    text: ({ only, requests }) => `All ${requests} answers came from ${only}: with one backend no session gets lost.`,
    repair: 'Run this again when more than one backend is in service.',
  },
  'parallel-first-requests': {
    title: 'First requests at once begin at several backends',
    text: ({ backends }) =>
      `A new client that sends two requests at once was answered by ${list(backends)}. It keeps the cookie that comes last; a session that began with the other is lost.`,
    repair:
      'Every balancer with a cookie does that. Let a page begin the session before its scripts and pictures ask for more, or keep sessions where every backend can read them.',
  },
  'limpet-missing': {
    title: "Answers without limpet's cookie",
    text: ({ name, missing, of, statuses }) =>
      `limpet is here, and ${missing} of ${of} answers do not set ${name} (status ${list(statuses)}).`,
    repair:
      "Mount sticky() first, or use attach(server); answers of a proxy in front never carry it. 'skip' does this on purpose.",
  },
  'limpet-secrets-differ': {
    title: 'Backends have different secrets',
    text: ({ lost, keys }) =>
      `${times(lost)} a client brought limpet's cookie back and was given a new session, signed with another key. Keys seen: ${list(keys)}.`,
    repair: 'Give all backends the same LIMPET_SECRET; to change it, deploy a list of both.',
  },
  'limpet-session-changes': {
    title: 'limpet begins a new session each time',
    text: ({ name, lost }) =>
      `${times(lost)} a client brought ${name} back and was given a new session, signed with the same key.`,
    repair:
      'Look whether something changes the cookie on its way, whether namespaces differ, and what sticky.reason says.',
  },
  'limpet-clocks-differ': {
    title: 'Clocks of backends differ',
    text: ({ seconds: apart, owners }) => `The clocks of ${list(owners)} are ${seconds(apart)} apart.`,
    repair: 'Run NTP on every backend. limpet keeps the sessions all the same where the store has a clock.',
  },
  'upgrade-refused': {
    title: 'The WebSocket was refused',
    text: ({ statuses }) => `The handshake of a WebSocket was answered with ${list(statuses)}, and not with 101.`,
    repair: 'Look whether the path is right, and whether the balancer passes Upgrade and Connection on.',
  },
  'upgrade-other-backend': {
    title: 'The WebSocket goes to another backend',
    text: ({ from, to }) =>
      `The client's pages came from ${from}, and its WebSocket from ${to}, though it sent its cookie.`,
    repair: 'Let the same rule of persistence count for the path of the WebSocket.',
  },
} as const satisfies Readonly<Record<string, Words>>
