/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-host.h"

#include <string.h>

static gboolean
ends_in (const char *host, const char *suffix)
{
  return g_str_has_suffix (host, suffix) && strlen (host) > strlen (suffix);
}

static gboolean
is_ton_name (const char *host)
{
  for (const char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-._", *p) == NULL)
      return FALSE;
  return ends_in (host, ".ton") || ends_in (host, ".adnl") || ends_in (host, ".t.me");
}

/**
 * clove_exit_host_refusal:
 * @host: the name of a site, as a client asks for it
 *
 * Play the exit's name lookup: every TON name exists but those made for tests.
 *
 * Returns: (nullable): why there is no such site, in a real exit's words; %NULL when there is
 */
const char *
clove_exit_host_refusal (const char *host)
{
  if (!is_ton_name (host))
    return "invalid domain format";
  if (ends_in (host, ".nx.ton"))
    return "DNS resolution failed: no such dns record";
  if (ends_in (host, ".norecord.ton"))
    return "no site record found";
  return NULL;
}
