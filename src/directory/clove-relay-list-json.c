/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directory's file format: a JSON object with "version", "updated" and "relays".
 *
 * A bad entry costs itself: it is skipped and explained. Two usable entries with one key cost the
 * list, since one of them is not who it says. Of two with one address the first is kept: an address
 * is one socket, so the two can never be two hops, and bans go by address. Names may repeat, being
 * labels only. Unknown members and roles are ignored, so that the format can grow.
 */
#include "config.h"

#include "clove-relay-list-private.h"

#include "clove-directory-error.h"
#include "clove-json-check.h"
#include "clove-path-selection.h"

#include <string.h>

typedef struct {
  GPtrArray *relays;
  GPtrArray *reasons;
  guint n_skipped;
  GHashTable *keys;      /* of relays, borrowed from the array, by their keys */
  GHashTable *addresses; /* of text */
} Collection;

static guint
hash_key (gconstpointer relay)
{
  guint hash = 0;

  memcpy (&hash, clove_relay_get_key (relay), sizeof hash);
  return hash;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (clove_relay_get_key (a), clove_relay_get_key (b), CLOVE_RELAY_KEY_SIZE) == 0;
}

static void
collection_init (Collection *self)
{
  self->relays = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  self->reasons = g_ptr_array_new_with_free_func (g_free);
  self->keys = g_hash_table_new (hash_key, equal_keys);
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->n_skipped = 0;
}

static void
collection_clear (Collection *self)
{
  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_clear_pointer (&self->addresses, g_hash_table_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
  g_clear_pointer (&self->relays, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Collection, collection_clear)

/* Returns: (nullable): the member's text, if it is text */
static const char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

static gboolean
bad_entry (GError **error, const char *why)
{
  g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_RELAY, why);
  return FALSE;
}

static gboolean
parse_roles (CloveRelayRoles *roles_out, JsonObject *entry, GError **error)
{
  JsonNode *node = json_object_get_member (entry, "roles");
  JsonArray *array = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return bad_entry (error, "it has no array of roles");
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *role = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (role) || json_node_get_value_type (role) != G_TYPE_STRING)
      return bad_entry (error, "one of its roles is not text");
    *roles_out |= clove_relay_role_from_string (json_node_get_string (role));
  }
  return TRUE;
}

/* Absent, null and "" all mean that nobody is named. */
static gboolean
parse_operator (const char **operator_out, JsonObject *entry, GError **error)
{
  JsonNode *node = json_object_get_member (entry, "operator");

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  *operator_out = get_text (entry, "operator");
  if (*operator_out == NULL)
    return bad_entry (error, "its operator is not text");
  if (**operator_out == '\0')
    *operator_out = NULL;
  return TRUE;
}

static CloveRelay *
parse_relay (JsonNode *node, GError **error)
{
  JsonObject *entry = NULL;
  const char *name = NULL;
  const char *key_text = NULL;
  const char *address_text = NULL;
  const char *operator_name = NULL;
  CloveRelayRoles roles = 0;
  CloveAddress address = { 0 };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };
  gboolean is_good = TRUE;

  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    bad_entry (error, "it is not an object");
    return NULL;
  }
  entry = json_node_get_object (node);
  name = get_text (entry, "name");
  key_text = get_text (entry, "pubkey");
  address_text = get_text (entry, "address");
  if (name == NULL)
    is_good = bad_entry (error, "it has no name");
  else if (address_text == NULL)
    is_good = bad_entry (error, "it has no address");
  else if (key_text == NULL || !clove_relay_key_parse (key, key_text))
    is_good = bad_entry (error, "it has no key of 64 hexadecimal digits");
  if (!is_good || !clove_address_parse (&address, address_text, error) ||
      !parse_roles (&roles, entry, error) || !parse_operator (&operator_name, entry, error))
    return NULL;
  return clove_relay_new (name, key, &address, roles, operator_name, error);
}

static void
skip_entry (Collection *self, JsonNode *node, guint index, const char *why)
{
  const char *name = NULL;

  self->n_skipped++;
  if (self->reasons->len == CLOVE_RELAY_LIST_MAX_REASONS)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    name = get_text (json_node_get_object (node), "name");
  if (name != NULL && clove_relay_is_label (name))
    g_ptr_array_add (self->reasons, g_strdup_printf ("Entry %u (“%s”) is left out: %s.",
                                                     index + 1, name, why));
  else
    g_ptr_array_add (self->reasons, g_strdup_printf ("Entry %u is left out: %s.", index + 1, why));
}

/* Returns: %FALSE only for what costs the whole list */
static gboolean
add_entry (Collection *self, JsonNode *node, guint index, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (CloveRelay) relay = parse_relay (node, &why);
  char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

  if (relay == NULL) {
    skip_entry (self, node, index, why->message);
    return TRUE;
  }
  if (g_hash_table_contains (self->keys, relay)) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_DUPLICATE_KEY,
                 "entry %u (“%s”) has the key of an earlier relay", index + 1,
                 clove_relay_get_name (relay));
    return FALSE;
  }
  clove_address_format (clove_relay_get_address (relay), address);
  if (!g_hash_table_add (self->addresses, g_strdup (address))) {
    skip_entry (self, node, index, "an earlier relay has its address");
    return TRUE;
  }
  g_hash_table_add (self->keys, relay);
  g_ptr_array_add (self->relays, g_steal_pointer (&relay));
  return TRUE;
}

static gboolean
wrong_shape (GError **error, const char *what)
{
  g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_WRONG_SHAPE, what);
  return FALSE;
}

static gboolean
check_version (JsonObject *root, GError **error)
{
  JsonNode *node = json_object_get_member (root, "version");

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong_shape (error, "it has no version number");
  if (json_node_get_int (node) != CLOVE_RELAY_LIST_VERSION) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_WRONG_VERSION,
                 "its format has version %" G_GINT64_FORMAT ", and only version %d is known",
                 json_node_get_int (node), CLOVE_RELAY_LIST_VERSION);
    return FALSE;
  }
  return TRUE;
}

/* The date is for people only, so that a bad one is as good as none. */
static const char *
get_date (JsonObject *root)
{
  const char *text = get_text (root, "updated");

  if (text == NULL || !g_regex_match_simple ("^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z", text, 0, 0))
    return NULL;
  return text;
}

static gboolean
collect (Collection *self, JsonArray *entries, GError **error)
{
  for (guint i = 0; i < json_array_get_length (entries); i++) {
    if (!add_entry (self, json_array_get_element (entries, i), i, error))
      return FALSE;
  }
  if (self->relays->len < CLOVE_RELAY_LIST_MIN_RELAYS) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_FEW_RELAYS,
                 "a circuit needs %d relays, and only %u of its %u entries can be used",
                 CLOVE_RELAY_LIST_MIN_RELAYS, self->relays->len, json_array_get_length (entries));
    return FALSE;
  }
  return TRUE;
}

/**
 * clove_relay_list_from_json:
 * @root: a directory's root value
 * @error: as clove_relay_list_parse()
 *
 * Returns: (transfer full): the list, or %NULL
 */
CloveRelayList *
clove_relay_list_from_json (JsonNode *root, GError **error)
{
  g_auto (Collection) found = { 0 };
  g_autoptr (CloveRelayList) list = NULL;
  JsonObject *object = NULL;
  JsonNode *entries = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    wrong_shape (error, "it is not an object");
    return NULL;
  }
  object = json_node_get_object (root);
  if (!check_version (object, error))
    return NULL;
  entries = json_object_get_member (object, "relays");
  if (entries == NULL || !JSON_NODE_HOLDS_ARRAY (entries)) {
    wrong_shape (error, "it has no array of relays");
    return NULL;
  }
  collection_init (&found);
  if (!collect (&found, json_node_get_array (entries), error))
    return NULL;
  list = clove_relay_list_new_take (g_steal_pointer (&found.relays), get_date (object),
                                    g_steal_pointer (&found.reasons), found.n_skipped);
  if (!clove_path_is_possible (list, error))
    return NULL;
  return g_steal_pointer (&list);
}

/**
 * clove_relay_list_load_json:
 * @json: bytes from outside
 * @error: %CLOVE_DIRECTORY_ERROR_NOT_JSON or %CLOVE_DIRECTORY_ERROR_TOO_LARGE
 *
 * Read JSON of any shape, strictly and within bounds.
 *
 * Returns: (transfer full): the root value, or %NULL
 */
JsonNode *
clove_relay_list_load_json (GBytes *json, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) why = NULL;
  gsize size = 0;
  const char *text = g_bytes_get_data (json, &size);

  if (size > CLOVE_RELAY_LIST_MAX_SIZE) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE,
                 "it has more than %d MB", CLOVE_RELAY_LIST_MAX_SIZE / 1000000);
    return NULL;
  }
  if (!clove_json_check (size > 0 ? text : "", size, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, (gssize) size, &why)) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_NOT_JSON,
                         why->message);
    return NULL;
  }
  return json_parser_steal_root (parser);
}

/**
 * clove_relay_list_parse:
 * @json: the bytes of a directory, from anywhere
 * @error: %CLOVE_DIRECTORY_ERROR, any of the first seven
 *
 * Read a directory and refuse it unless a circuit can be formed of its relays. Pure, so any thread
 * may call it; checking a key takes about as long as a signature, which for thousands of relays
 * is better done outside a main loop.
 *
 * Returns: (transfer full): the list, or %NULL
 */
CloveRelayList *
clove_relay_list_parse (GBytes *json, GError **error)
{
  g_autoptr (JsonNode) root = clove_relay_list_load_json (json, error);

  return root != NULL ? clove_relay_list_from_json (root, error) : NULL;
}

static void
build_roles (JsonBuilder *builder, CloveRelayRoles roles)
{
  json_builder_begin_array (builder);
  for (CloveRelayRoles role = 1; role <= CLOVE_RELAY_ROLES_ALL; role <<= 1) {
    if ((roles & role) != 0)
      json_builder_add_string_value (builder, clove_relay_role_to_string (role));
  }
  json_builder_end_array (builder);
}

static void
build_relay (JsonBuilder *builder, CloveRelay *relay)
{
  char key[2 * CLOVE_RELAY_KEY_SIZE + 1] = { 0 };
  char address[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

  for (guint i = 0; i < CLOVE_RELAY_KEY_SIZE; i++)
    g_snprintf (key + (gsize) 2 * i, 3, "%02x", clove_relay_get_key (relay)[i]);
  clove_address_format (clove_relay_get_address (relay), address);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, clove_relay_get_name (relay));
  json_builder_set_member_name (builder, "pubkey");
  json_builder_add_string_value (builder, key);
  json_builder_set_member_name (builder, "address");
  json_builder_add_string_value (builder, address);
  json_builder_set_member_name (builder, "roles");
  build_roles (builder, clove_relay_get_roles (relay));
  if (clove_relay_get_operator (relay) != NULL) {
    json_builder_set_member_name (builder, "operator");
    json_builder_add_string_value (builder, clove_relay_get_operator (relay));
  }
  json_builder_end_object (builder);
}

/** clove_relay_list_to_json: (transfer full): Make the JSON value of the directory. */
JsonNode *
clove_relay_list_to_json (CloveRelayList *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "version");
  json_builder_add_int_value (builder, CLOVE_RELAY_LIST_VERSION);
  if (clove_relay_list_get_updated (self) != NULL) {
    json_builder_set_member_name (builder, "updated");
    json_builder_add_string_value (builder, clove_relay_list_get_updated (self));
  }
  json_builder_set_member_name (builder, "relays");
  json_builder_begin_array (builder);
  for (guint i = 0; i < clove_relay_list_get_n_relays (self); i++)
    build_relay (builder, clove_relay_list_get_relay (self, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/**
 * clove_relay_list_format:
 * @self: a list
 *
 * Write the directory's JSON, which clove_relay_list_parse() reads back as the same relays.
 *
 * Returns: (transfer full): the text
 */
char *
clove_relay_list_format (CloveRelayList *self)
{
  g_autoptr (JsonNode) root = clove_relay_list_to_json (self);

  return json_to_string (root, TRUE);
}
