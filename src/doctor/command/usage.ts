export const USAGE = `limpet doctor URL           looks at a site from outside: why do its sessions get lost?
limpet doctor --har FILE    judges a browser's recording with the same checks
limpet token [VALUE]        decodes a cookie of limpet's; without VALUE it is read from standard input

doctor
  --redirect PATH           a page that redirects within the site, for example after a login
  --missing PATH            a page that answers with 404; without it a made-up path is asked for
  --ws PATH                 a page that answers with a WebSocket
  --wait 70s                a client pauses for so long and comes back
  --requests 8              how often one client comes back
  --header 'Name: value'    goes with every request; may be repeated
  --cookie 'a=1; b=2'       cookies that every client has from the start
  --insecure                certificates are not checked
  --resolve HOST:PORT:ADDR  asks this address, as curl does
  --timeout 120s            for all of it, --wait not counted
  --json                    the report as data
  --html FILE               the report as a page

token
  --secret-file FILE        the secret; without it LIMPET_SECRET is used, where it is set
  --namespace limpet        the namespace of the application: by default the cookie's name
  --idle-timeout 24h        what a backend is configured with
  --absolute-timeout 7d
  --json

The exit code is 0 when nothing of level error was found, 1 when something was, and 2 when it could not be checked.
`
