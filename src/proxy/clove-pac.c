/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-pac.h"

/* The first line tells another Clove who holds the port, see clove-pac.h.
 * No DIRECT behind the proxy: a TON name must never be asked of a name server. Old engines run
 * this, so only the oldest JavaScript is used. https://name.t.me is Telegram's own web site. */
static const char pac_template[] =
  "%s: sends TON names, and nothing else, through the circuit.\n"
  "function FindProxyForURL(url, host) {\n"
  "  function below(suffix) {\n"
  "    var at = host.length - suffix.length;\n"
  "    return at > 0 && host.indexOf(suffix, at) === at;\n"
  "  }\n"
  "  host = host.toLowerCase();\n"
  "  if (host.charAt(host.length - 1) === \".\") {\n"
  "    host = host.substring(0, host.length - 1);\n"
  "  }\n"
  "  if (below(\".ton\") || below(\".adnl\") ||\n"
  "      (below(\".t.me\") && url.substring(0, 5).toLowerCase() === \"http:\")) {\n"
  "    return \"PROXY %s\";\n"
  "  }\n"
  "  return \"DIRECT\";\n"
  "}\n";

/**
 * clove_pac_new:
 * @proxy_address: where the proxy listens, as clove_address_format() writes it
 *
 * Write the proxy auto-configuration file that sends TON names, and nothing else, to the proxy.
 *
 * Returns: (transfer full): JavaScript
 */
char *
clove_pac_new (const char *proxy_address)
{
  return g_strdup_printf (pac_template, CLOVE_PAC_MARK, proxy_address);
}
