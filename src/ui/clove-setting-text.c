/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-setting-text.h"

#include "clove-fetch.h"
#include "clove-manual-relays.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

static void
set_error (GError **error, const char *sentence)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, sentence);
}

static char *
strip (const char *text)
{
  return g_strstrip (g_strdup (text));
}

/**
 * clove_setting_text_join_listen:
 * @host: an IP address, of either kind, or "localhost"
 * @port: a number
 * @error: a sentence that says which of the two is wrong
 *
 * Returns: (transfer full) (nullable): "ip:port", as the proxy is told
 */
char *
clove_setting_text_join_listen (const char *host, const char *port, GError **error)
{
  g_autofree char *bare_host = strip (host);
  g_autofree char *bare_port = strip (port);
  g_autofree char *joined = NULL;
  CloveAddress address = { 0 };
  char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (bare_port, 10, 1, G_MAXUINT16, &number, NULL)) {
    set_error (error, _ ("The port must be a number from 1 to 65535."));
    return NULL;
  }
  joined = g_strdup_printf (
    strchr (bare_host, ':') != NULL && bare_host[0] != '[' ? "[%s]:%u" : "%s:%u", bare_host,
    (guint) number);
  if (bare_host[0] == '\0' || !clove_manual_listen_parse (&address, joined, NULL)) {
    set_error (error, _ ("The address must be an IP address of this computer, such as 127.0.0.1."));
    return NULL;
  }
  clove_address_format (&address, text);
  return g_strdup (text);
}

/**
 * clove_setting_text_split_listen:
 * @listen: "ip:port"
 * @host_out: (out) (transfer full): the address, without brackets
 * @port_out: (out) (transfer full): the port
 */
void
clove_setting_text_split_listen (const char *listen, char **host_out, char **port_out)
{
  const char *colon = strrchr (listen, ':');
  gsize host_size = colon != NULL ? (gsize) (colon - listen) : strlen (listen);
  gboolean is_bracketed = host_size > 1 && listen[0] == '[' && listen[host_size - 1] == ']';

  *host_out = is_bracketed ? g_strndup (listen + 1, host_size - 2) : g_strndup (listen, host_size);
  *port_out = g_strdup (colon != NULL ? colon + 1 : "");
}

/**
 * clove_setting_text_reach:
 * @listen: "ip:port" that the proxy listens on
 *
 * Returns: (transfer full): "ip:port" by which programs of this computer reach it: an address that
 *   means all addresses is none that one can go to
 */
char *
clove_setting_text_reach (const char *listen)
{
  static const char *const any[][2] = { { "0.0.0.0:", "127.0.0.1:" }, { "[::]:", "[::1]:" } };

  for (guint i = 0; i < G_N_ELEMENTS (any); i++) {
    if (g_str_has_prefix (listen, any[i][0]))
      return g_strconcat (any[i][1], listen + strlen (any[i][0]), NULL);
  }
  return g_strdup (listen);
}

/** clove_setting_text_is_open_to_others: Tell whether other computers may reach @listen. */
gboolean
clove_setting_text_is_open_to_others (const char *listen)
{
  CloveAddress address = { 0 };

  return clove_manual_listen_parse (&address, listen, NULL) &&
         !clove_address_is_loopback (&address);
}

/**
 * clove_setting_text_check_directory:
 * @text: where the list of relays is said to be; empty for the community's own
 * @error: a sentence that says what it must be
 *
 * Returns: (transfer full) (nullable): @text without spaces around it
 */
char *
clove_setting_text_check_directory (const char *text, GError **error)
{
  g_autofree char *bare = strip (text);
  gboolean is_relative = strchr (bare, ':') == NULL && !g_path_is_absolute (bare);

  if (bare[0] == '\0')
    return g_steal_pointer (&bare);
  if (is_relative || !clove_fetch_check (bare, NULL)) {
    set_error (error, _ ("Write an address that begins with https://, or the whole path of a "
                         "file."));
    return NULL;
  }
  return g_steal_pointer (&bare);
}
