/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "snapshot-fixture.h"

#include <math.h>

#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static void
test_empty (void)
{
  static const char *const nulls[] = { "listen_address", "problem", "problem_code", "live_for_ms",
                                       "next_try_in_ms", "last_strike", "next_rotation_in_ms",
                                       "directory_age_s", "directory_problem" };
  static const char *const zeros[] = { "time_s", "generation", "attempt", "max_attempts",
                                       "strikes", "max_strikes", "rebuilds_left", "rebuild_in_ms",
                                       "n_relays", "n_relays_skipped", "n_in_flight", "n_requests",
                                       "n_bytes_in",
                                       "n_bytes_out" };
  static const char *const flags[] = { "is_on_standby", "is_settling", "is_entry_limited" };
  static const char *const arrays[] = { "live", "candidate", "standby", "causes", "bans",
                                        "records" };
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();
  g_autoptr (JsonObject) line = format (snapshot, 0);

  assert_number (line, "schema", 1);
  assert_text (line, "state", "off");
  for (guint i = 0; i < G_N_ELEMENTS (nulls); i++)
    assert_null (line, nulls[i]);
  for (guint i = 0; i < G_N_ELEMENTS (zeros); i++)
    assert_number (line, zeros[i], 0);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    assert_flag (line, flags[i], FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    get_array (line, arrays[i], 0);
  g_assert_true (json_array_get_null_element (get_array (line, "entries", 2), 0));
  g_assert_true (json_array_get_null_element (get_array (line, "entries", 2), 1));
  /* Nothing else, or this test would not look at it. */
  g_assert_cmpuint (json_object_get_size (line), ==,
                    3 + G_N_ELEMENTS (nulls) + G_N_ELEMENTS (zeros) + G_N_ELEMENTS (flags) +
                      G_N_ELEMENTS (arrays));
}

static void
test_numbers (void)
{
  static const struct {
    const char *key;
    gint64 number;
  } cases[] = {
    { "schema", 1 },
    { "time_s", TAKEN_S },
    { "problem_code", 33 },
    { "generation", 7 },
    { "live_for_ms", 60000 },
    { "attempt", 2 },
    { "max_attempts", 4 },
    { "next_try_in_ms", 1501 },
    { "strikes", 1 },
    { "max_strikes", 3 },
    { "rebuilds_left", 19 },
    { "rebuild_in_ms", 9000 },
    { "next_rotation_in_ms", 600000 },
    { "n_relays", 20 },
    { "n_relays_skipped", 0 },
    { "directory_age_s", 3600 },
    { "n_in_flight", 5 },
    { "n_requests", 21 },
    { "n_bytes_in", 22 },
    { "n_bytes_out", 23 },
  };
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%s", cases[i].key);
    assert_number (line, cases[i].key, cases[i].number);
  }
}

static void
test_texts_and_flags (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);

  assert_text (line, "state", "rebuilding");
  assert_text (line, "listen_address", "127.0.0.1:8080");
  assert_text (line, "problem", "relay3 did not answer");
  assert_text (line, "last_strike", "a probe was lost");
  assert_text (line, "directory_problem", "no network");
  assert_flag (line, "is_on_standby", TRUE);
  assert_flag (line, "is_settling", TRUE);
  assert_flag (line, "is_entry_limited", TRUE);
}

static void
assert_hop (JsonObject *hop, const char *name, const char *state, gboolean has_joined)
{
  g_autofree char *address = g_strdup_printf ("192.0.2.1:%s", name);

  g_assert_cmpuint (json_object_get_size (hop), ==, 5);
  assert_text (hop, "name", name);
  assert_text (hop, "address", address);
  assert_text (hop, "state", state);
  if (has_joined) {
    assert_number (hop, "time_us", 5000);
    assert_number (hop, "rtt_us", 0);
  } else {
    assert_null (hop, "time_us");
    assert_null (hop, "rtt_us");
  }
}

static void
test_circuits (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);

  assert_hop (get_element (line, "live", 3, 0), "1", "ready", TRUE);
  assert_hop (get_element (line, "live", 3, 1), "2", "ready", TRUE);
  assert_hop (get_element (line, "live", 3, 2), "3", "ready", TRUE);
  assert_hop (get_element (line, "candidate", 2, 0), "4", "extending", FALSE);
  assert_hop (get_element (line, "candidate", 2, 1), "5", "waiting", FALSE);
  assert_hop (get_element (line, "standby", 1, 0), "6", "failed", FALSE);
}

static void
test_bans (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);
  JsonObject *ban = get_element (line, "bans", 2, 0);

  g_assert_cmpuint (json_object_get_size (ban), ==, 5);
  assert_text (ban, "name", "relay3");
  assert_text (ban, "address", "192.0.2.7:9001");
  assert_flag (ban, "is_permanent", FALSE);
  assert_number (ban, "ends_in_ms", 300000);
  assert_text (ban, "reason", "did not answer");

  ban = get_element (line, "bans", 2, 1);
  g_assert_cmpuint (json_object_get_size (ban), ==, 5);
  assert_null (ban, "name");
  assert_flag (ban, "is_permanent", TRUE);
  assert_null (ban, "ends_in_ms");
}

static void
test_entries (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autoptr (JsonObject) line = format (snapshot, 0);
  JsonObject *entry = get_element (line, "entries", 2, 1);

  g_assert_true (json_array_get_null_element (get_array (line, "entries", 2), 0));
  g_assert_cmpuint (json_object_get_size (entry), ==, 4);
  assert_text (entry, "name", "relay1");
  assert_number (entry, "expires_s", TAKEN_S + 86400);
  assert_flag (entry, "is_listed", TRUE);
  assert_flag (entry, "is_silent", TRUE);
}

/* From the state of an earlier run, before a directory has told its name. */
static void
test_entry_without_a_name (void)
{
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();
  g_autoptr (JsonObject) line = NULL;

  snapshot->entries[0].expires_s = TAKEN_S;
  line = format (snapshot, 0);
  assert_null (get_element (line, "entries", 2, 0), "name");
  assert_number (get_element (line, "entries", 2, 0), "expires_s", TAKEN_S);
}

static void
test_causes (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  g_autofree char *text = clove_snapshot_format_json (snapshot, 0);
  g_autoptr (JsonObject) line = parse (text);
  g_autoptr (JsonObject) later = format (snapshot, 11);
  g_autoptr (JsonObject) latest = format (snapshot, 12);
  JsonObject *cause = get_element (line, "causes", 2, 0);

  g_assert_cmpuint (json_object_get_size (cause), ==, 7);
  assert_number (cause, "serial", 11);
  assert_number (cause, "time_s", TAKEN_S - 1);
  assert_number (cause, "generation", 2);
  assert_text (cause, "kind", "strike");
  assert_number (cause, "number", 3);
  assert_text (cause, "detail", "no answer in 3.0 s");
  assert_text (cause, "text", "Strike 3 of 3: no answer.");
  assert_number (get_element (line, "causes", 2, 1), "serial", 12);
  assert_number (get_element (later, "causes", 1, 0), "serial", 12);
  get_array (latest, "causes", 0);
  g_assert_null (strstr (text, "secret.ton"));
}

static void
assert_record (JsonObject *record, guint first_byte, const char *hop)
{
  g_autofree char *key = g_strdup_printf ("%02x%060d%s", first_byte, 0, "ef");

  g_assert_cmpuint (json_object_get_size (record), ==, 5);
  assert_text (record, "key", key);
  assert_text (record, "hop", hop);
}

static void
test_records (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  CloveSnapshotRecord *record = add_record (snapshot, 0x01, 1);
  g_autoptr (JsonObject) line = NULL;

  record->weight = 0.9996;
  record->rtt_us = 1234;
  record->n_outcomes = 4;
  record->outcomes = 0xfffffffd;
  add_record (snapshot, 0x01, 0);
  line = format (snapshot, 0);

  /* By key and hop, whatever order they came in. */
  assert_record (get_element (line, "records", 3, 0), 0x01, "entry");
  assert_record (get_element (line, "records", 3, 1), 0x01, "middle");
  assert_record (get_element (line, "records", 3, 2), 0xab, "exit");
  assert_number (get_element (line, "records", 3, 0), "weight_per_mille", 200);
  assert_null (get_element (line, "records", 3, 0), "rtt_us");
  assert_text (get_element (line, "records", 3, 0), "outcomes", "");
  assert_number (get_element (line, "records", 3, 1), "weight_per_mille", 1000);
  assert_number (get_element (line, "records", 3, 1), "rtt_us", 1234);
  assert_text (get_element (line, "records", 3, 1), "outcomes", "+-++");
}

static void
test_all_outcomes (void)
{
  g_autoptr (CloveSnapshot) snapshot = make_full ();
  CloveSnapshotRecord *record = g_ptr_array_index (snapshot->records, 0);
  g_autoptr (JsonObject) line = NULL;

  record->n_outcomes = 32;
  record->outcomes = 0x80000001;
  line = format (snapshot, 0);
  assert_text (get_element (line, "records", 1, 0), "outcomes", "+------------------------------+");
}

/* None of them can be said in JSON as it is. */
static void
test_numbers_out_of_range (void)
{
  static const struct {
    gdouble weight;
    gint64 per_mille;
  } cases[] = {
    { (gdouble) NAN, 0 },
    { (gdouble) INFINITY, 1000 },
    { (gdouble) -INFINITY, 0 },
    { -1, 0 },
    { 1e300, 1000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveSnapshot) snapshot = make_full ();
    CloveSnapshotRecord *record = g_ptr_array_index (snapshot->records, 0);
    g_autoptr (JsonObject) line = NULL;

    record->weight = cases[i].weight;
    snapshot->n_bytes_out = G_MAXUINT64;
    snapshot->next_try_us = TAKEN_US - 5;
    snapshot->live_since_us = TAKEN_US + 5;
    line = format (snapshot, 0);
    assert_number (get_element (line, "records", 1, 0), "weight_per_mille", cases[i].per_mille);
    assert_number (line, "n_bytes_out", G_MAXINT64);
    assert_number (line, "next_try_in_ms", 0);
    assert_number (line, "live_for_ms", 0);
  }
}

/* The directory's parser lets none but the first through, but names are not all that is told. */
static void
test_hostile_texts (void)
{
  static const struct {
    const char *text;
    const char *expected;
  } cases[] = {
    { "\"quoted\" \\ </script> \xc3\xa9 \xf0\x9f\xa7\x84",
      "\"quoted\" \\ </script> \xc3\xa9 \xf0\x9f\xa7\x84" },
    { "", "" },
    { "a\nb\rc\td", "a\xef\xbf\xbd"
                    "b\xef\xbf\xbd"
                    "c\xef\xbf\xbd"
                    "d" },
    { "\x01\x1b\x1f\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xc2\x85\xc2\x9b", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xe2\x80\xa8\xe2\x80\xa9", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\xff", "\xef\xbf\xbd" },
    { "x\xc3", "x\xef\xbf\xbd" },
    { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\\u0000\",\"state\":\"off", "\\u0000\",\"state\":\"off" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveSnapshot) snapshot = make_full ();
    g_autoptr (JsonObject) line = NULL;

    g_free (snapshot->live.hops[1].name);
    snapshot->live.hops[1].name = g_strdup (cases[i].text);
    g_free (snapshot->directory_problem);
    snapshot->directory_problem = g_strdup (cases[i].text);
    line = format (snapshot, 0);
    assert_text (get_element (line, "live", 3, 1), "name", cases[i].expected);
    assert_text (line, "directory_problem", cases[i].expected);
    assert_text (line, "state", "rebuilding");
  }
}

static void
test_skipped_relays (void)
{
  static const char json[] =
    "{\"version\":2,\"updated\":\"2026-01-01\",\"relays\":["
    "{\"name\":\"a\",\"address\":\"192.0.2.1:9\",\"roles\":[\"entry\"],\"pubkey\":\"" KEY_A "\"},"
    "{\"name\":\"b\",\"address\":\"192.0.2.2:9\",\"roles\":[\"middle\"],\"pubkey\":"
    "\"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"},"
    "{\"name\":\"c\",\"address\":\"192.0.2.3:9\",\"roles\":[\"exit\"],\"pubkey\":"
    "\"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\"},"
    "{\"name\":\"bad\"}]}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr (CloveSnapshot) snapshot = clove_snapshot_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) line = NULL;

  snapshot->relays = clove_relay_list_parse (bytes, &error);
  g_assert_no_error (error);
  snapshot->n_relays = 3;
  text = clove_snapshot_format_json (snapshot, 0);
  line = parse (text);
  assert_number (line, "n_relays", 3);
  assert_number (line, "n_relays_skipped", 1);
  /* Only counts, not the relays. */
  g_assert_null (strstr (text, KEY_A));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define PREFIX "/clove/engine/snapshot-json/"
  g_test_add_func (PREFIX "empty", test_empty);
  g_test_add_func (PREFIX "numbers", test_numbers);
  g_test_add_func (PREFIX "texts-and-flags", test_texts_and_flags);
  g_test_add_func (PREFIX "circuits", test_circuits);
  g_test_add_func (PREFIX "bans", test_bans);
  g_test_add_func (PREFIX "entries", test_entries);
  g_test_add_func (PREFIX "entry-without-a-name", test_entry_without_a_name);
  g_test_add_func (PREFIX "causes", test_causes);
  g_test_add_func (PREFIX "records", test_records);
  g_test_add_func (PREFIX "all-outcomes", test_all_outcomes);
  g_test_add_func (PREFIX "numbers-out-of-range", test_numbers_out_of_range);
  g_test_add_func (PREFIX "hostile-texts", test_hostile_texts);
  g_test_add_func (PREFIX "skipped-relays", test_skipped_relays);
#undef PREFIX
  return g_test_run ();
}
