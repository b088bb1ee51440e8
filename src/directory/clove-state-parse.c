/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a state that clove_state_format() wrote. The text keeps every rule or is refused as a
 * whole: nobody else writes it, so where one part is wrong the others, among them the choice of the
 * entry, cannot be trusted either. Members that are not known are ignored.
 */
#include "config.h"

#include "clove-state-private.h"

#include "clove-directory-error.h"
#include "clove-relay-list-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* A longer past says nothing about today. */
#define LONGEST_AGE_S G_GINT64_CONSTANT (10 * 365 * 24 * 3600)

const char *const clove_state_outcome_words[CLOVE_STATE_N_OUTCOME_WORDS] = {
  "b-",
  "b+",
  "u-",
  "u+",
};

static gboolean
wrong_shape (GError **error, const char *what)
{
  g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_WRONG_SHAPE,
               "%s is missing or not what it should be", what);
  return FALSE;
}

static gboolean
read_int (JsonNode *node, gint64 least, gint64 most, gint64 *out)
{
  gint64 value = 0;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  value = json_node_get_int (node);
  if (value < least || value > most)
    return FALSE;
  *out = value;
  return TRUE;
}

static gboolean
read_time (JsonNode *node, gint64 *wall_s_out)
{
  return read_int (node, CLOVE_STATE_MIN_TIME_S, CLOVE_STATE_MAX_TIME_S, wall_s_out);
}

static gboolean
read_share (JsonNode *node, gdouble *out)
{
  gint64 millionths = 0;

  if (!read_int (node, 0, CLOVE_STATE_MILLION, &millionths))
    return FALSE;
  *out = (gdouble) millionths / CLOVE_STATE_MILLION;
  return TRUE;
}

static gboolean
read_true (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

/* Returns: (nullable): the text, if the node is one */
static const char *
read_text (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

static gboolean
read_key (JsonObject *object, guint8 key_out[static CLOVE_RELAY_KEY_SIZE])
{
  const char *text = read_text (json_object_get_member (object, "key"));

  return text != NULL && clove_relay_key_parse (key_out, text);
}

/* Returns: (nullable): the object, if the node is one */
static JsonObject *
read_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Returns: (nullable): the array, if the member is one of at most @most elements */
static JsonArray *
read_array (JsonObject *object, const char *member, guint most)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node) ||
      json_array_get_length (json_node_get_array (node)) > most)
    return NULL;
  return json_node_get_array (node);
}

/* Returns: when @wall_s was, on the clock; now if the calendar was set back since */
static gint64
to_clock_us (CloveStateTime time, gint64 wall_s)
{
  return time.now_us - CLAMP (time.wall_s - wall_s, 0, LONGEST_AGE_S) * G_USEC_PER_SEC;
}

/* Adds the ban unless it is over. */
static gboolean
parse_ban (GPtrArray *bans, JsonNode *node, CloveStateTime time)
{
  JsonObject *object = read_object (node);
  g_autoptr (CloveBan) ban = g_new0 (CloveBan, 1);
  const char *address = NULL;
  const char *reason = NULL;
  gint64 wall_s = 0;

  if (object == NULL)
    return FALSE;
  address = read_text (json_object_get_member (object, "address"));
  reason = read_text (json_object_get_member (object, "reason"));
  if (address == NULL || !clove_address_parse (&ban->address, address, NULL) || reason == NULL)
    return FALSE;
  ban->is_permanent = json_object_has_member (object, "permanent");
  if (ban->is_permanent == json_object_has_member (object, "until"))
    return FALSE;
  ban->reason = clove_ban_clean_reason (reason);
  if (ban->is_permanent) {
    if (!read_true (json_object_get_member (object, "permanent")))
      return FALSE;
    ban->left_us = CLOVE_BAN_FOR_EVER_US;
    ban->since_us = MAX (1, time.now_us);
  } else {
    if (!read_time (json_object_get_member (object, "until"), &wall_s))
      return FALSE;
    /* However far the calendar was set back, no ban gets longer than one. */
    ban->left_us = CLAMP (wall_s - time.wall_s, 0, CLOVE_BLACKLIST_BAN_US / G_USEC_PER_SEC) *
                   G_USEC_PER_SEC;
    ban->since_us = MAX (1, time.now_us + ban->left_us - CLOVE_BLACKLIST_BAN_US);
  }
  if (ban->left_us > 0)
    g_ptr_array_add (bans, g_steal_pointer (&ban));
  return TRUE;
}

static gboolean
parse_entry (CloveStateEntry *entry, JsonObject *root, const char *member)
{
  JsonObject *object = NULL;

  if (!json_object_has_member (root, member))
    return TRUE;
  object = read_object (json_object_get_member (root, member));
  if (object == NULL || !read_key (object, entry->key) ||
      !read_time (json_object_get_member (object, "chosen"), &entry->chosen_s) ||
      !read_time (json_object_get_member (object, "expires"), &entry->expires_s))
    return FALSE;
  if (json_object_has_member (object, "missing_since") &&
      !read_time (json_object_get_member (object, "missing_since"), &entry->missing_since_s))
    return FALSE;
  entry->is_set = TRUE;
  return TRUE;
}

static gboolean
parse_outcome (CloveRelayOutcome *outcome, JsonNode *node, CloveStateTime time)
{
  JsonArray *array = NULL;
  const char *text = NULL;
  gint64 wall_s = 0;

  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != 2)
    return FALSE;
  array = json_node_get_array (node);
  text = read_text (json_array_get_element (array, 1));
  if (text == NULL || !read_time (json_array_get_element (array, 0), &wall_s))
    return FALSE;
  outcome->time_us = to_clock_us (time, wall_s);
  for (guint i = 0; i < CLOVE_STATE_N_OUTCOME_WORDS; i++) {
    if (strcmp (text, clove_state_outcome_words[i]) != 0)
      continue;
    outcome->kind = i / 2 == CLOVE_OUTCOME_BUILD ? CLOVE_OUTCOME_BUILD : CLOVE_OUTCOME_USE;
    outcome->is_good = i % 2 == 1;
    return TRUE;
  }
  return FALSE;
}

static gboolean
parse_outcomes (CloveRelayRecord *record, JsonObject *object, CloveStateTime time)
{
  JsonArray *outcomes = read_array (object, "outcomes", CLOVE_RELAY_RECORD_N_OUTCOMES);

  if (outcomes == NULL)
    return FALSE;
  record->n_outcomes = json_array_get_length (outcomes);
  for (guint i = 0; i < record->n_outcomes; i++) {
    if (!parse_outcome (&record->outcomes[i], json_array_get_element (outcomes, i), time))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_role (JsonObject *object, guint *hop_out)
{
  const char *text = read_text (json_object_get_member (object, "role"));
  CloveRelayRoles role = text != NULL ? clove_relay_role_from_string (text) : 0;

  if (role == 0)
    return FALSE;
  *hop_out = (guint) __builtin_ctz (role);
  return TRUE;
}

static gboolean
parse_record (GPtrArray *records, JsonNode *node, CloveStateTime time)
{
  JsonObject *object = read_object (node);
  g_autofree CloveRelayRecord *record = g_new0 (CloveRelayRecord, 1);
  gint64 seen_s = 0;

  if (object == NULL || !read_key (object, record->key) || !parse_role (object, &record->hop) ||
      !read_time (json_object_get_member (object, "seen"), &seen_s) ||
      !read_share (json_object_get_member (object, "build_failure_ppm"), &record->build_failure) ||
      !read_share (json_object_get_member (object, "use_failure_ppm"), &record->use_failure) ||
      !read_int (json_object_get_member (object, "rtt_us"), 0, CLOVE_STATE_MAX_RTT_US,
                 &record->rtt_us) ||
      !read_int (json_object_get_member (object, "last_rtt_us"), 0, CLOVE_STATE_MAX_RTT_US,
                 &record->last_rtt_us) ||
      !parse_outcomes (record, object, time))
    return FALSE;
  record->seen_us = to_clock_us (time, seen_s);
  g_ptr_array_add (records, g_steal_pointer (&record));
  return TRUE;
}

static gboolean
parse_new_entries (CloveState *self, JsonObject *root)
{
  JsonArray *array = read_array (root, "new_entries", CLOVE_STATE_MAX_NEW_ENTRIES);

  if (array == NULL)
    return FALSE;
  self->n_new_entries = json_array_get_length (array);
  for (guint i = 0; i < self->n_new_entries; i++) {
    if (!read_time (json_array_get_element (array, i), &self->new_entries_s[i]))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_lists (CloveState *self, JsonObject *root, CloveStateTime time, GError **error)
{
  JsonArray *bans = read_array (root, "bans", CLOVE_STATE_MAX_BANS);
  JsonArray *records = read_array (root, "records", CLOVE_RELAY_RECORDS_MAX);

  if (bans == NULL)
    return wrong_shape (error, "its list of bans");
  for (guint i = 0; i < json_array_get_length (bans); i++) {
    if (!parse_ban (self->bans, json_array_get_element (bans, i), time))
      return wrong_shape (error, "one of its bans");
  }
  if (records == NULL)
    return wrong_shape (error, "its list of records");
  for (guint i = 0; i < json_array_get_length (records); i++) {
    if (!parse_record (self->records, json_array_get_element (records, i), time))
      return wrong_shape (error, "one of its records");
  }
  return TRUE;
}

static gboolean
check_version (JsonObject *root, GError **error)
{
  gint64 version = 0;

  if (!read_int (json_object_get_member (root, "version"), 1, G_MAXINT64, &version))
    return wrong_shape (error, "its version number");
  if (version != CLOVE_STATE_VERSION) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_WRONG_VERSION,
                 "it is of a newer version (%" G_GINT64_FORMAT ") than this one knows (%d)",
                 version, CLOVE_STATE_VERSION);
    return FALSE;
  }
  return TRUE;
}

/**
 * clove_state_parse:
 * @json: bytes from outside
 * @time: now, from which the times on the clock are counted
 * @error: %CLOVE_DIRECTORY_ERROR_TOO_LARGE, %CLOVE_DIRECTORY_ERROR_NOT_JSON,
 *   %CLOVE_DIRECTORY_ERROR_WRONG_SHAPE or %CLOVE_DIRECTORY_ERROR_WRONG_VERSION
 *
 * Read a state; bans that are over by now are left out. Pure, so any thread may call it.
 *
 * Returns: (transfer full): the state, or %NULL
 */
CloveState *
clove_state_parse (GBytes *json, CloveStateTime time, GError **error)
{
  g_autoptr (CloveState) self = clove_state_new ();
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root = NULL;

  if (g_bytes_get_size (json) > CLOVE_STATE_MAX_SIZE) {
    g_set_error (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE,
                 "it has more than %d MB", CLOVE_STATE_MAX_SIZE / 1000000);
    return NULL;
  }
  node = clove_relay_list_load_json (json, error);
  if (node == NULL)
    return NULL;
  root = read_object (node);
  if (root == NULL) {
    wrong_shape (error, "its root object");
    return NULL;
  }
  if (!check_version (root, error))
    return NULL;
  if (!parse_entry (&self->entry, root, "entry") ||
      !parse_entry (&self->backup_entry, root, "backup_entry") || !parse_new_entries (self, root)) {
    wrong_shape (error, "its choice of the entry");
    return NULL;
  }
  return parse_lists (self, root, time, error) ? g_steal_pointer (&self) : NULL;
}
