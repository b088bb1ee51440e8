/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user may write by hand: where to listen, and the three relays of one circuit. */
#include "config.h"

#include "clove-manual-relays.h"

#include "clove-path-selection.h"

#include <string.h>

/**
 * clove_manual_listen_parse:
 * @out: (out): the address
 * @text: "ip:port", "localhost:port" or ":port"; port 0 lets the system choose. The last two mean
 *   this machine only: who wants to be reached from elsewhere must say where.
 * @error: %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Returns: whether @text is an address to listen on
 */
gboolean
clove_manual_listen_parse (CloveAddress *out, const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *full = NULL;
  gboolean is_port_free = colon != NULL && g_str_equal (colon, ":0");
  gsize host_size = colon != NULL ? (gsize) (colon - text) : 0;
  g_autofree char *host = colon != NULL ? g_strndup (text, host_size) : NULL;

  if (host != NULL && (host_size == 0 || g_ascii_strcasecmp (host, "localhost") == 0)) {
    g_free (host);
    host = g_strdup ("127.0.0.1");
  }
  if (host == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "“%.80s” is not an address with a port, such as 127.0.0.1:8080", text);
    return FALSE;
  }
  full = g_strdup_printf ("%s%s", host, is_port_free ? ":1" : colon);
  if (!clove_address_parse (out, full, error))
    return FALSE;
  if (is_port_free)
    clove_address_set_port (out, 0);
  return TRUE;
}

static CloveRelay *
parse_relay (const char *spec, guint hop, GError **error)
{
  static const CloveRelayRoles roles[] = {
    CLOVE_RELAY_ROLE_ENTRY,
    CLOVE_RELAY_ROLE_MIDDLE,
    CLOVE_RELAY_ROLE_EXIT,
  };
  g_auto (GStrv) parts = g_strsplit (spec, ",", 3);
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  CloveAddress address = { 0 };

  if (g_strv_length (parts) != 2) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "“%.160s” is not of the form ip:port,public-key", spec);
    return NULL;
  }
  g_strstrip (parts[0]);
  g_strstrip (parts[1]);
  if (!clove_address_parse (&address, parts[0], error))
    return NULL;
  if (!clove_relay_key_parse (key, parts[1])) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "“%.80s” is not a public key of 64 hexadecimal digits", parts[1]);
    return NULL;
  }
  /* By hand there are no names; the address serves as one. */
  return clove_relay_new (parts[0], key, &address, roles[hop], NULL, error);
}

/**
 * clove_manual_relays_parse:
 * @specs: entry, middle and exit, each "ip:port,public-key-in-hex"
 * @error: %G_IO_ERROR_INVALID_ARGUMENT or %CLOVE_DIRECTORY_ERROR; names the option
 *
 * Returns: (transfer full) (nullable): a list of which only one path can be made
 */
CloveRelayList *
clove_manual_relays_parse (const char *const *specs, GError **error)
{
  g_autoptr (GPtrArray) relays =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  g_autoptr (CloveRelayList) list = NULL;

  for (guint i = 0; i < CLOVE_PATH_N_HOPS; i++) {
    CloveRelay *relay = parse_relay (specs[i], i, error);

    if (relay == NULL) {
      g_prefix_error (error, "--relay%u: ", i + 1);
      return NULL;
    }
    for (guint j = 0; j < i; j++) {
      if (memcmp (clove_relay_get_key (relay),
                  clove_relay_get_key (g_ptr_array_index (relays, j)), CLOVE_RELAY_KEY_SIZE) == 0) {
        clove_relay_unref (relay);
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "--relay%u and --relay%u are the same relay", j + 1, i + 1);
        return NULL;
      }
    }
    g_ptr_array_add (relays, relay);
  }
  list = clove_relay_list_new ((CloveRelay *const *) relays->pdata, relays->len, NULL);
  return g_steal_pointer (&list);
}
