# Varnish that follows limpet's hint: sticky({ hint: { cookie: 'route', value: 'web1' } }), and web2, web3 on the others.
# varnishd -F -a 127.0.0.1:8080 -f /etc/varnish/varnish.vcl

vcl 4.1;
import directors;
import std;

probe ready {
  .url = "/ready";
  .interval = 1s;
  .timeout = 1s;
  .window = 2;
  .threshold = 1;
  .initial = 1;
}
backend web1 { .host = "127.0.0.1"; .port = "3001"; .probe = ready; }
backend web2 { .host = "127.0.0.1"; .port = "3002"; .probe = ready; }
backend web3 { .host = "127.0.0.1"; .port = "3003"; .probe = ready; }

sub vcl_init {
  new anyone = directors.round_robin();
  anyone.add_backend(web1);
  anyone.add_backend(web2);
  anyone.add_backend(web3);
}

sub vcl_recv {
  set req.backend_hint = anyone.backend();
  if (req.http.Cookie ~ "(^|;\s*)route=web1(;|$)" && std.healthy(web1)) { set req.backend_hint = web1; }
  if (req.http.Cookie ~ "(^|;\s*)route=web2(;|$)" && std.healthy(web2)) { set req.backend_hint = web2; }
  if (req.http.Cookie ~ "(^|;\s*)route=web3(;|$)" && std.healthy(web3)) { set req.backend_hint = web3; }
  if (req.http.Upgrade ~ "(?i)websocket") { return (pipe); }
  # A site with sessions: nothing that has a cookie is stored.
  return (pass);
}

sub vcl_pipe {
  set bereq.http.Upgrade = req.http.Upgrade;
  set bereq.http.Connection = req.http.Connection;
}

# It took no connection. What has a body, or changes something, is not sent again.
sub vcl_backend_error {
  if (bereq.retries < 3 && bereq.method ~ "^(GET|HEAD)$") {
    set bereq.backend = anyone.backend();
    return (retry);
  }
}
