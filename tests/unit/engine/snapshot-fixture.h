/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots made by hand, and lines of JSON read back. */
#pragma once

#include "clove-json-check.h"
#include "clove-snapshot-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define TAKEN_US (100 * G_USEC_PER_SEC)
#define TAKEN_S  G_GINT64_CONSTANT (1767225600)

/* A line must be JSON to the strict and to the library, and one line. */
static inline JsonObject *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;

  g_assert_nonnull (line);
  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_null (strpbrk (line, "\r\n"));
  g_assert_true (clove_json_check (line, strlen (line), &error));
  g_assert_no_error (error);
  root = json_from_string (line, &error);
  g_assert_no_error (error);
  return json_node_dup_object (root);
}

static inline JsonObject *
format (const CloveSnapshot *snapshot, guint64 cause_told)
{
  g_autofree char *line = clove_snapshot_format_json (snapshot, cause_told);

  return parse (line);
}

static inline void
assert_null (JsonObject *object, const char *key)
{
  g_assert_true (json_object_has_member (object, key));
  g_assert_true (json_object_get_null_member (object, key));
}

static inline void
assert_number (JsonObject *object, const char *key, gint64 expected)
{
  JsonNode *node = json_object_get_member (object, key);

  g_assert_nonnull (node);
  g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
  g_assert_cmpint (json_node_get_int (node), ==, expected);
}

static inline void
assert_text (JsonObject *object, const char *key, const char *expected)
{
  JsonNode *node = json_object_get_member (object, key);

  g_assert_nonnull (node);
  g_assert_true (json_node_get_value_type (node) == G_TYPE_STRING);
  g_assert_cmpstr (json_node_get_string (node), ==, expected);
}

static inline void
assert_flag (JsonObject *object, const char *key, gboolean expected)
{
  JsonNode *node = json_object_get_member (object, key);

  g_assert_nonnull (node);
  g_assert_true (json_node_get_value_type (node) == G_TYPE_BOOLEAN);
  g_assert_cmpint (json_node_get_boolean (node), ==, expected);
}

static inline JsonArray *
get_array (JsonObject *object, const char *key, guint n_expected)
{
  JsonArray *array = json_object_get_array_member (object, key);

  g_assert_nonnull (array);
  g_assert_cmpuint (json_array_get_length (array), ==, n_expected);
  return array;
}

static inline JsonObject *
get_element (JsonObject *object, const char *key, guint n_expected, guint i)
{
  return json_array_get_object_element (get_array (object, key, n_expected), i);
}

static inline void
cause_free (gpointer data)
{
  CloveSnapshotCause *cause = data;

  g_free (cause->detail);
  g_free (cause->text);
  g_free (cause->redacted);
  g_free (cause);
}

static inline void
add_cause (CloveSnapshot *snapshot, guint64 serial)
{
  CloveSnapshotCause *cause = g_new0 (CloveSnapshotCause, 1);

  *cause = (CloveSnapshotCause){ .serial = serial,
                                 .time_s = TAKEN_S - 1,
                                 .generation = 2,
                                 .kind = "strike",
                                 .number = 3,
                                 .detail = g_strdup ("no answer in 3.0 s"),
                                 .text = g_strdup ("Strike 3 of 3: no answer (secret.ton)."),
                                 .redacted = g_strdup ("Strike 3 of 3: no answer.") };
  g_ptr_array_add (snapshot->causes, cause);
}

static inline void
add_ban (CloveSnapshot *snapshot, const char *name, gboolean is_permanent)
{
  CloveSnapshotBan *ban = g_new0 (CloveSnapshotBan, 1);

  *ban = (CloveSnapshotBan){ .name = g_strdup (name),
                             .address = g_strdup ("192.0.2.7:9001"),
                             .left_us = 299999001,
                             .is_permanent = is_permanent,
                             .reason = g_strdup ("did not answer") };
  g_ptr_array_add (snapshot->bans, ban);
}

static inline CloveSnapshotRecord *
add_record (CloveSnapshot *snapshot, guint8 first_byte, guint hop)
{
  CloveSnapshotRecord *record = g_new0 (CloveSnapshotRecord, 1);

  record->key[0] = first_byte;
  record->key[CLOVE_RELAY_KEY_SIZE - 1] = 0xef;
  record->hop = hop;
  record->weight = 0.2;
  g_ptr_array_add (snapshot->records, record);
  return record;
}

static inline void
add_hop (CloveSnapshotCircuit *circuit, const char *name, CloveSnapshotHopState state)
{
  gboolean has_joined = state == CLOVE_SNAPSHOT_HOP_READY;

  circuit->hops[circuit->n_hops++] =
    (CloveSnapshotHop){ .name = g_strdup (name),
                        .address = g_strdup_printf ("192.0.2.1:%s", name),
                        .state = state,
                        .time_us = has_joined ? 5000 : -1,
                        .rtt_us = has_joined ? 0 : -1 };
}

static inline void
add_circuits (CloveSnapshot *snapshot)
{
  add_hop (&snapshot->live, "1", CLOVE_SNAPSHOT_HOP_READY);
  add_hop (&snapshot->live, "2", CLOVE_SNAPSHOT_HOP_READY);
  add_hop (&snapshot->live, "3", CLOVE_SNAPSHOT_HOP_READY);
  add_hop (&snapshot->candidate, "4", CLOVE_SNAPSHOT_HOP_EXTENDING);
  add_hop (&snapshot->candidate, "5", CLOVE_SNAPSHOT_HOP_WAITING);
  add_hop (&snapshot->standby, "6", CLOVE_SNAPSHOT_HOP_FAILED);
}

/* A snapshot in which no value is that of another field. */
static inline CloveSnapshot *
make_full (void)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  snapshot->state = CLOVE_ENGINE_REBUILDING;
  snapshot->listen_address = g_strdup ("127.0.0.1:8080");
  snapshot->problem = g_strdup ("relay3 did not answer");
  snapshot->problem_code = 33;
  snapshot->taken_us = TAKEN_US;
  snapshot->taken_s = TAKEN_S;
  snapshot->next_try_us = TAKEN_US + 1500001;
  snapshot->attempt = 2;
  snapshot->max_attempts = 4;
  snapshot->generation = 7;
  snapshot->live_since_us = TAKEN_US - 60 * G_USEC_PER_SEC;
  add_circuits (snapshot);
  snapshot->is_on_standby = TRUE;
  snapshot->is_settling = TRUE;
  snapshot->strikes = 1;
  snapshot->max_strikes = 3;
  snapshot->last_strike = g_strdup ("a probe was lost");
  snapshot->rebuilds_left = 19;
  snapshot->rebuild_at_us = TAKEN_US + 9 * G_USEC_PER_SEC;
  snapshot->next_rotation_us = TAKEN_US + 600 * G_USEC_PER_SEC;
  add_ban (snapshot, "relay3", FALSE);
  add_ban (snapshot, NULL, TRUE);
  snapshot->causes = g_ptr_array_new_with_free_func (cause_free);
  add_cause (snapshot, 11);
  add_cause (snapshot, 12);
  snapshot->entries[1] = (CloveSnapshotEntry){ .name = g_strdup ("relay1"),
                                               .expires_s = TAKEN_S + 86400,
                                               .is_listed = TRUE,
                                               .is_silent = TRUE };
  snapshot->is_entry_limited = TRUE;
  snapshot->records = g_ptr_array_new_with_free_func (g_free);
  add_record (snapshot, 0xab, 2);
  snapshot->n_relays = 20;
  snapshot->directory_age_s = 3600;
  snapshot->directory_problem = g_strdup ("no network");
  snapshot->requests =
    g_ptr_array_new_with_free_func ((GDestroyNotify) clove_snapshot_request_unref);
  g_ptr_array_add (snapshot->requests, clove_snapshot_request_new ("secret.ton", "GET"));
  snapshot->n_in_flight = 5;
  snapshot->n_requests = 21;
  snapshot->n_bytes_in = 22;
  snapshot->n_bytes_out = 23;
  return snapshot;
}
