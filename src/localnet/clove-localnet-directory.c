/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet.h"

#include <json-glib/json-glib.h>

#define DIRECTORY_VERSION 2

static void
add_relay (JsonBuilder *builder, CloveLocalRelay *relay)
{
  GString *key = g_string_new (NULL);
  char address[CLOVE_ADDRESS_STRING_SIZE];

  for (guint i = 0; i < CLOVE_KEY_SIZE; i++)
    g_string_append_printf (key, "%02x", clove_local_relay_get_key (relay)[i]);
  clove_address_format (clove_local_relay_get_address (relay), address);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, clove_local_relay_get_name (relay));
  json_builder_set_member_name (builder, "pubkey");
  json_builder_add_string_value (builder, key->str);
  json_builder_set_member_name (builder, "address");
  json_builder_add_string_value (builder, address);
  json_builder_set_member_name (builder, "roles");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "entry");
  json_builder_add_string_value (builder, "middle");
  if (clove_local_relay_is_exit (relay))
    json_builder_add_string_value (builder, "exit");
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_string_free (key, TRUE);
}

/**
 * clove_localnet_format_directory:
 * @self: a network that was started
 *
 * Returns: (transfer full): the relays as a directory in JSON
 */
char *
clove_localnet_format_directory (CloveLocalnet *self)
{
  gint64 wall_s = clove_clock_wall_s (clove_localnet_get_clock (self));
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (wall_s);
  g_autofree char *today = g_date_time_format (now, "%Y-%m-%d");

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_int_value (builder, DIRECTORY_VERSION);
  json_builder_set_member_name (builder, "updated");
  json_builder_add_string_value (builder, today);
  json_builder_set_member_name (builder, "relays");
  json_builder_begin_array (builder);
  for (guint i = 0; i < clove_localnet_get_n_relays (self); i++)
    add_relay (builder, clove_localnet_get_relay (self, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}
