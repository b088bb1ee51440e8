/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots for programs, as docs/json-lines.md describes them. There are no fractions: the JSON
 * library writes 0.2 with 17 digits, and what is not a number as what is not JSON. */
#include "config.h"

#include "clove-snapshot-json.h"

#include <json-glib/json-glib.h>
#include <sodium.h>
#include <string.h>

#define REPLACEMENT_CHARACTER 0xfffd

/* A line that is being built. */
typedef struct {
  const CloveSnapshot *snapshot;
  JsonBuilder *builder; /* borrowed */
  guint64 cause_told;
  gboolean is_for_comparison; /* what changes by itself as time goes by is left out */
} Line;

/* The JSON library passes bad UTF-8 and one of the control characters on as they are; others could
 * move the cursor of a terminal, or end a line where none ends. */
static char *
make_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    GUnicodeType type = g_unichar_type (c);
    gboolean is_printable = type != G_UNICODE_CONTROL && type != G_UNICODE_LINE_SEPARATOR &&
                            type != G_UNICODE_PARAGRAPH_SEPARATOR;

    g_string_append_unichar (out, is_printable ? c : REPLACEMENT_CHARACTER);
  }
  return g_string_free (out, FALSE);
}

/* Without a text it is null. */
static void
add_text (Line *line, const char *key, const char *text)
{
  g_autofree char *printable = text != NULL ? make_printable (text) : NULL;

  json_builder_set_member_name (line->builder, key);
  json_builder_add_string_value (line->builder, printable);
}

static void
add_flag (Line *line, const char *key, gboolean is_set)
{
  json_builder_set_member_name (line->builder, key);
  json_builder_add_boolean_value (line->builder, is_set);
}

static void
add_count (Line *line, const char *key, guint64 count)
{
  json_builder_set_member_name (line->builder, key);
  json_builder_add_int_value (line->builder, (gint64) MIN (count, (guint64) G_MAXINT64));
}

static void
add_null (Line *line, const char *key)
{
  json_builder_set_member_name (line->builder, key);
  json_builder_add_null_value (line->builder);
}

/* A number below @least stands for "not known". */
static void
add_number (Line *line, const char *key, gint64 number, gint64 least)
{
  if (number < least)
    add_null (line, key);
  else
    add_count (line, key, (guint64) number);
}

/* Rounded up: who waits so long does not come too early. */
static void
add_span_ms (Line *line, const char *key, gint64 span_us)
{
  add_count (line, key, span_us > 0 ? ((guint64) span_us + 999) / 1000 : 0);
}

/* A monotonic time of 0 stands for "none". The time stands still, its distance does not. */
static void
add_time (Line *line, const char *key, gint64 at_us, gint64 distance_us)
{
  if (at_us == 0)
    add_null (line, key);
  else if (line->is_for_comparison)
    add_number (line, key, at_us, 0);
  else
    add_span_ms (line, key, distance_us);
}

static void
begin_array (Line *line, const char *key)
{
  json_builder_set_member_name (line->builder, key);
  json_builder_begin_array (line->builder);
}

static void
add_circuit (Line *line, const char *key, const CloveSnapshotCircuit *circuit)
{
  begin_array (line, key);
  for (guint i = 0; i < circuit->n_hops; i++) {
    const CloveSnapshotHop *hop = &circuit->hops[i];

    json_builder_begin_object (line->builder);
    add_text (line, "name", hop->name);
    add_text (line, "address", hop->address);
    add_text (line, "state", clove_snapshot_hop_state_name (hop->state));
    add_number (line, "time_us", hop->time_us, 0);
    add_number (line, "rtt_us", hop->rtt_us, 0);
    json_builder_end_object (line->builder);
  }
  json_builder_end_array (line->builder);
}

static void
add_bans (Line *line)
{
  begin_array (line, "bans");
  for (guint i = 0; i < line->snapshot->bans->len; i++) {
    const CloveSnapshotBan *ban = g_ptr_array_index (line->snapshot->bans, i);

    json_builder_begin_object (line->builder);
    add_text (line, "name", ban->name);
    add_text (line, "address", ban->address);
    add_flag (line, "is_permanent", ban->is_permanent);
    if (ban->is_permanent)
      add_null (line, "ends_in_ms");
    else if (!line->is_for_comparison)
      add_span_ms (line, "ends_in_ms", ban->left_us);
    add_text (line, "reason", ban->reason);
    json_builder_end_object (line->builder);
  }
  json_builder_end_array (line->builder);
}

static void
add_cause (Line *line, const CloveSnapshotCause *cause)
{
  json_builder_begin_object (line->builder);
  add_count (line, "serial", cause->serial);
  add_number (line, "time_s", cause->time_s, 0);
  add_count (line, "generation", cause->generation);
  add_text (line, "kind", cause->kind);
  add_count (line, "number", cause->number);
  add_text (line, "detail", cause->detail);
  /* Lines are kept in logs, where the names of sites do not belong. */
  add_text (line, "text", cause->redacted);
  json_builder_end_object (line->builder);
}

static void
add_causes (Line *line)
{
  const GPtrArray *causes = line->snapshot->causes;

  begin_array (line, "causes");
  for (guint i = 0; causes != NULL && i < causes->len; i++) {
    const CloveSnapshotCause *cause = g_ptr_array_index (causes, i);

    if (cause->serial > line->cause_told)
      add_cause (line, cause);
  }
  json_builder_end_array (line->builder);
}

static void
add_entries (Line *line)
{
  begin_array (line, "entries");
  for (guint i = 0; i < G_N_ELEMENTS (line->snapshot->entries); i++) {
    const CloveSnapshotEntry *entry = &line->snapshot->entries[i];

    /* One that is kept but that no directory has named yet has no name. */
    if (entry->name == NULL && entry->expires_s == 0) {
      json_builder_add_null_value (line->builder);
      continue;
    }
    json_builder_begin_object (line->builder);
    add_text (line, "name", entry->name);
    add_number (line, "expires_s", entry->expires_s, 0);
    add_flag (line, "is_listed", entry->is_listed);
    add_flag (line, "is_silent", entry->is_silent);
    json_builder_end_object (line->builder);
  }
  json_builder_end_array (line->builder);
}

static gint
compare_records (gconstpointer a, gconstpointer b)
{
  const CloveSnapshotRecord *left = *(const CloveSnapshotRecord *const *) a;
  const CloveSnapshotRecord *right = *(const CloveSnapshotRecord *const *) b;
  gint order = memcmp (left->key, right->key, sizeof left->key);

  return order != 0 ? order : (gint) left->hop - (gint) right->hop;
}

static void
add_outcomes (Line *line, const CloveSnapshotRecord *record)
{
  char text[33] = { 0 };

  for (guint i = 0; i < record->n_outcomes && i < sizeof text - 1; i++)
    text[i] = (record->outcomes >> i & 1) != 0 ? '+' : '-';
  add_text (line, "outcomes", text);
}

static void
add_record (Line *line, const CloveSnapshotRecord *record)
{
  char key[2 * CLOVE_RELAY_KEY_SIZE + 1] = { 0 };
  /* The comparison is also false for what is not a number. */
  gdouble weight = record->weight > 0 ? MIN (record->weight, 1) : 0;

  sodium_bin2hex (key, sizeof key, record->key, sizeof record->key);
  json_builder_begin_object (line->builder);
  add_text (line, "key", key);
  add_text (line, "hop", clove_relay_role_to_string ((CloveRelayRoles) (1u << record->hop)));
  add_count (line, "weight_per_mille", (guint64) (weight * 1000 + 0.5));
  add_number (line, "rtt_us", record->rtt_us, 1);
  add_outcomes (line, record);
  json_builder_end_object (line->builder);
}

/* In an order of their own, so that two lines can be compared by eye. */
static void
add_records (Line *line)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  if (line->snapshot->records != NULL)
    g_ptr_array_extend (records, line->snapshot->records, NULL, NULL);
  g_ptr_array_sort (records, compare_records);
  begin_array (line, "records");
  for (guint i = 0; i < records->len; i++)
    add_record (line, g_ptr_array_index (records, i));
  json_builder_end_array (line->builder);
}

static void
add_circuits (Line *line)
{
  const CloveSnapshot *snapshot = line->snapshot;

  add_count (line, "generation", snapshot->generation);
  add_time (line, "live_for_ms", snapshot->live_since_us,
            snapshot->taken_us - snapshot->live_since_us);
  add_circuit (line, "live", &snapshot->live);
  add_circuit (line, "candidate", &snapshot->candidate);
  add_circuit (line, "standby", &snapshot->standby);
  add_flag (line, "is_on_standby", snapshot->is_on_standby);
  add_flag (line, "is_settling", snapshot->is_settling);
  add_count (line, "attempt", snapshot->attempt);
  add_count (line, "max_attempts", snapshot->max_attempts);
  add_time (line, "next_try_in_ms", snapshot->next_try_us,
            snapshot->next_try_us - snapshot->taken_us);
  add_count (line, "strikes", snapshot->strikes);
  add_count (line, "max_strikes", snapshot->max_strikes);
  add_text (line, "last_strike", snapshot->last_strike);
  add_count (line, "rebuilds_left", snapshot->rebuilds_left);
  if (!line->is_for_comparison)
    add_span_ms (line, "rebuild_in_ms", snapshot->rebuild_at_us - snapshot->taken_us);
  add_time (line, "next_rotation_in_ms", snapshot->next_rotation_us,
            snapshot->next_rotation_us - snapshot->taken_us);
}

static void
add_directory (Line *line)
{
  const CloveSnapshot *snapshot = line->snapshot;

  add_count (line, "n_relays", snapshot->n_relays);
  add_count (line, "n_relays_skipped",
             snapshot->relays != NULL ? clove_relay_list_get_n_skipped (snapshot->relays) : 0);
  if (!line->is_for_comparison)
    add_number (line, "directory_age_s", snapshot->directory_age_s, 0);
  add_text (line, "directory_problem", snapshot->directory_problem);
}

static void
add_snapshot (Line *line)
{
  const CloveSnapshot *snapshot = line->snapshot;

  json_builder_begin_object (line->builder);
  add_count (line, "schema", CLOVE_SNAPSHOT_JSON_SCHEMA);
  if (!line->is_for_comparison)
    add_number (line, "time_s", snapshot->taken_s, 0);
  add_text (line, "state", clove_engine_state_name (snapshot->state));
  add_text (line, "listen_address", snapshot->listen_address);
  add_text (line, "problem", snapshot->problem);
  add_number (line, "problem_code", snapshot->problem_code, 0);
  add_circuits (line);
  /* News whatever else is: a line that tells some is not repeated to tell none. */
  if (!line->is_for_comparison)
    add_causes (line);
  add_bans (line);
  add_entries (line);
  add_flag (line, "is_entry_limited", snapshot->is_entry_limited);
  add_directory (line);
  add_records (line);
  /* The requests themselves name sites: they are for memory only. */
  add_count (line, "n_in_flight", snapshot->n_in_flight);
  add_count (line, "n_requests", snapshot->n_requests);
  add_count (line, "n_bytes_in", snapshot->n_bytes_in);
  add_count (line, "n_bytes_out", snapshot->n_bytes_out);
  json_builder_end_object (line->builder);
}

static char *
format (const CloveSnapshot *snapshot, guint64 cause_told, gboolean is_for_comparison)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  Line line = { .snapshot = snapshot,
                .builder = builder,
                .cause_told = cause_told,
                .is_for_comparison = is_for_comparison };

  add_snapshot (&line);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  return json_generator_to_data (generator, NULL);
}

static guint64
newest_cause (const GPtrArray *causes)
{
  const CloveSnapshotCause *newest =
    causes != NULL && causes->len > 0 ? causes->pdata[causes->len - 1] : NULL;

  return newest != NULL ? newest->serial : 0;
}

/* Time makes a list only older: one that got younger was fetched again. */
static gboolean
is_directory_fetched (const CloveSnapshotJson *self, const CloveSnapshot *snapshot)
{
  return (snapshot->directory_age_s < 0) != (self->age_told_s < 0) ||
         snapshot->directory_age_s < self->age_told_s;
}

/**
 * clove_snapshot_format_json:
 * @self: a snapshot
 * @cause_told: causes up to this serial are left out; 0 for none
 *
 * Returns: (transfer full): @self as one line of JSON without its end, that names no site
 */
char *
clove_snapshot_format_json (const CloveSnapshot *self, guint64 cause_told)
{
  return format (self, cause_told, FALSE);
}

/**
 * clove_snapshot_json_next:
 * @self: what was told so far
 * @snapshot: the newest state
 *
 * Returns: (transfer full) (nullable): the next line, with the causes since the one before, or
 *   %NULL when nothing but clocks has changed
 */
char *
clove_snapshot_json_next (CloveSnapshotJson *self, const CloveSnapshot *snapshot)
{
  g_autofree char *content = format (snapshot, 0, TRUE);
  guint64 newest = newest_cause (snapshot->causes);
  char *line = NULL;

  if (newest <= self->cause_told && g_strcmp0 (content, self->content_told) == 0 &&
      !is_directory_fetched (self, snapshot))
    return NULL;
  line = format (snapshot, self->cause_told, FALSE);
  self->cause_told = MAX (newest, self->cause_told);
  self->age_told_s = snapshot->directory_age_s;
  g_free (self->content_told);
  self->content_told = g_steal_pointer (&content);
  return line;
}

/** clove_snapshot_json_clear: Free what @self holds and begin anew. */
void
clove_snapshot_json_clear (CloveSnapshotJson *self)
{
  g_free (self->content_told);
  *self = (CloveSnapshotJson){ 0 };
}
