/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which snapshots are worth a line, and whether the lines are as docs/json-lines.md says. */
#include "config.h"

#include "snapshot-fixture.h"

#include "clove-cause.h"

static void
set_up (CloveSnapshotJson *json, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autofree char *line = clove_snapshot_json_next (json, snapshot);
  g_autoptr (JsonObject) first = parse (line);

  get_array (first, "causes", 2);
}

static void
tear_down (CloveSnapshotJson *json, gconstpointer user_data)
{
  clove_snapshot_json_clear (json);
}

static void
assert_silent (CloveSnapshotJson *json, CloveSnapshot *snapshot)
{
  g_autofree char *line = clove_snapshot_json_next (json, snapshot);

  g_assert_cmpstr (line, ==, NULL);
}

static void
test_clocks_are_no_news (CloveSnapshotJson *json, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, 0);

  assert_silent (json, snapshot);
  snapshot->taken_us += G_USEC_PER_SEC;
  snapshot->taken_s += 1;
  snapshot->directory_age_s += 1;
  ban->left_us -= G_USEC_PER_SEC;
  assert_silent (json, snapshot);
  /* Without a wait it is the time of the snapshot. */
  snapshot->rebuild_at_us = snapshot->taken_us;
  assert_silent (json, snapshot);
}

static void
test_causes_are_told_once (CloveSnapshotJson *json, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autofree char *text = NULL;
  g_autofree char *next_text = NULL;
  g_autoptr (JsonObject) line = NULL;
  g_autoptr (JsonObject) next = NULL;

  add_cause (snapshot, 13);
  text = clove_snapshot_json_next (json, snapshot);
  line = parse (text);
  assert_number (get_element (line, "causes", 1, 0), "serial", 13);
  assert_silent (json, snapshot);

  snapshot->n_requests++;
  next_text = clove_snapshot_json_next (json, snapshot);
  next = parse (next_text);
  get_array (next, "causes", 0);
}

/* An engine that is off has no causes; they do not come again. */
static void
test_causes_that_went (CloveSnapshotJson *json, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) off = clove_snapshot_new ();
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autofree char *off_text = clove_snapshot_json_next (json, off);
  g_autofree char *text = clove_snapshot_json_next (json, snapshot);
  g_autoptr (JsonObject) line = parse (text);

  g_assert_nonnull (off_text);
  get_array (line, "causes", 0);
}

static void
test_directory_fetched_again (CloveSnapshotJson *json, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) line = NULL;

  snapshot->directory_age_s = 0;
  text = clove_snapshot_json_next (json, snapshot);
  line = parse (text);
  assert_number (line, "directory_age_s", 0);
  snapshot->directory_age_s = 1;
  assert_silent (json, snapshot);
}

/* Each alone is worth a line. */
static void
test_news (CloveSnapshotJson *json, gconstpointer user_data)
{
  enum { STATE,
         STRIKES,
         DEADLINE,
         ROTATION,
         HOP,
         RECORD,
         BAN,
         ENTRY,
         REQUESTS,
         BYTES,
         N_CHANGES };

  for (guint change = 0; change < N_CHANGES; change++) {
    g_autoptr (CloveSnapshot) snapshot = make_full ();
    CloveSnapshotRecord *record = g_ptr_array_index (snapshot->records, 0);
    CloveSnapshotBan *ban = g_ptr_array_index (snapshot->bans, 0);
    g_autofree char *line = NULL;
    g_autofree char *back = NULL;

    snapshot->state = change == STATE ? CLOVE_ENGINE_CONNECTED : snapshot->state;
    snapshot->strikes += change == STRIKES ? 1 : 0;
    snapshot->next_try_us += change == DEADLINE ? 1 : 0;
    snapshot->next_rotation_us += change == ROTATION ? 1 : 0;
    snapshot->candidate.hops[1].rtt_us += change == HOP ? 1 : 0;
    record->n_outcomes += change == RECORD ? 1 : 0;
    ban->is_permanent = change == BAN;
    snapshot->entries[1].is_listed = change != ENTRY;
    snapshot->n_requests += change == REQUESTS ? 1 : 0;
    snapshot->n_bytes_out += change == BYTES ? 1 : 0;
    g_test_message ("change %u", change);
    line = clove_snapshot_json_next (json, snapshot);
    g_assert_nonnull (line);
    g_clear_pointer (&snapshot, clove_snapshot_unref);
    snapshot = make_full ();
    back = clove_snapshot_json_next (json, snapshot);
    g_assert_nonnull (back);
  }
}

typedef struct {
  const char *text; /* of the section */
  guint n_fields;   /* that it describes */
} Section;

/* Finds the table below @heading and counts its rows. */
static Section
find_section (const char *docs, const char *heading)
{
  g_autofree char *line = g_strdup_printf ("\n### %s\n", heading);
  const char *start = strstr (docs, line);
  const char *end = NULL;
  Section section = { 0 };

  g_test_message ("%s", heading);
  g_assert_nonnull (start);
  start += strlen (line);
  end = strstr (start, "\n#");
  g_assert_nonnull (end);
  section.text = start;
  for (const char *at = start; at != NULL && at < end; at = strstr (at + 1, "\n| `"))
    section.n_fields += g_str_has_prefix (at, "\n| `") ? 1 : 0;
  return section;
}

static void
assert_documented (const char *docs, const char *heading, JsonObject *object)
{
  Section section = find_section (docs, heading);
  g_autoptr (GList) keys = json_object_get_members (object);

  for (const GList *key = keys; key != NULL; key = key->next) {
    g_autofree char *row = g_strdup_printf ("\n| `%s` | ", (const char *) key->data);
    const char *at = strstr (section.text, row);
    const char *next = strstr (section.text, "\n#");

    g_test_message ("%s", row + 1);
    g_assert_true (at != NULL && at < next);
  }
  /* A field that went would stay in the table. */
  g_assert_cmpuint (section.n_fields, ==, json_object_get_size (object));
}

static char *
read_docs (void)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "..", "docs", "json-lines.md", NULL);
  g_autoptr (GError) error = NULL;
  char *docs = NULL;

  g_file_get_contents (path, &docs, NULL, &error);
  g_assert_no_error (error);
  return docs;
}

static void
test_fields_are_documented (void)
{
  g_autofree char *docs = read_docs ();
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);

  assert_documented (docs, "The line", line);
  assert_documented (docs, "Hop", get_element (line, "live", 3, 0));
  assert_documented (docs, "Cause", get_element (line, "causes", 2, 0));
  assert_documented (docs, "Ban", get_element (line, "bans", 2, 0));
  assert_documented (docs, "Kept entry", get_element (line, "entries", 2, 1));
  assert_documented (docs, "Record", get_element (line, "records", 1, 0));
}

/* Looks in the row of @key alone: other rows have the same words. */
static void
assert_word (const char *docs, const char *heading, const char *key, const char *word)
{
  g_autofree char *row = g_strdup_printf ("\n| `%s` | ", key);
  const char *start = strstr (find_section (docs, heading).text, row);
  g_autofree char *text = NULL;
  g_autofree char *quoted = g_strdup_printf ("`%s`", word);

  g_assert_nonnull (start);
  text = g_strndup (start + 1, strcspn (start + 1, "\n"));
  g_test_message ("%s", word);
  g_assert_nonnull (strstr (text + strlen (row), quoted));
}

static void
test_words_are_documented (void)
{
  g_autofree char *docs = read_docs ();

  for (CloveEngineState state = CLOVE_ENGINE_OFF; state <= CLOVE_ENGINE_FAILED; state++)
    assert_word (docs, "The line", "state", clove_engine_state_name (state));
  for (CloveSnapshotHopState state = CLOVE_SNAPSHOT_HOP_WAITING;
       state <= CLOVE_SNAPSHOT_HOP_FAILED; state++)
    assert_word (docs, "Hop", "state", clove_snapshot_hop_state_name (state));
  for (CloveCauseKind kind = CLOVE_CAUSE_CONNECTED; kind <= CLOVE_CAUSE_ENTRY; kind++)
    assert_word (docs, "Cause", "kind", clove_cause_kind_name (kind));
}

static void
assert_same_keys (JsonObject *a, JsonObject *b)
{
  g_autoptr (GList) keys = json_object_get_members (a);

  for (const GList *key = keys; key != NULL; key = key->next) {
    g_test_message ("%s", (const char *) key->data);
    g_assert_true (json_object_has_member (b, key->data));
  }
  g_assert_cmpuint (json_object_get_size (a), ==, json_object_get_size (b));
}

/* The example is a line of today's schema, but for its line breaks. */
static void
test_example (void)
{
  static const char fence[] = "\n```json\n";
  g_autofree char *docs = read_docs ();
  const char *start = strstr (docs, fence);
  const char *end = start != NULL ? strstr (start + strlen (fence), "\n```\n") : NULL;
  g_autofree char *text = NULL;
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);
  g_autoptr (JsonObject) example = NULL;

  g_assert_nonnull (end);
  text = g_strndup (start + strlen (fence), (gsize) (end - start) - strlen (fence));
  g_strdelimit (text, "\n", ' ');
  example = parse (text);
  assert_same_keys (example, line);
  assert_same_keys (get_element (example, "live", 3, 0), get_element (line, "live", 3, 0));
  assert_same_keys (get_element (example, "causes", 3, 0), get_element (line, "causes", 2, 0));
  assert_same_keys (get_element (example, "bans", 2, 0), get_element (line, "bans", 2, 0));
  assert_same_keys (get_element (example, "entries", 2, 0), get_element (line, "entries", 2, 1));
  assert_same_keys (get_element (example, "records", 6, 0), get_element (line, "records", 1, 0));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define PREFIX "/clove/engine/json-lines/"
#define ADD(name, function) \
  g_test_add (PREFIX name, CloveSnapshotJson, NULL, set_up, function, tear_down)
  ADD ("clocks-are-no-news", test_clocks_are_no_news);
  ADD ("causes-are-told-once", test_causes_are_told_once);
  ADD ("causes-that-went", test_causes_that_went);
  ADD ("directory-fetched-again", test_directory_fetched_again);
  ADD ("news", test_news);
  g_test_add_func (PREFIX "fields-are-documented", test_fields_are_documented);
  g_test_add_func (PREFIX "words-are-documented", test_words_are_documented);
  g_test_add_func (PREFIX "example", test_example);
#undef ADD
#undef PREFIX
  return g_test_run ();
}
