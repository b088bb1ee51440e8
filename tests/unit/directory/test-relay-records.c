/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-records.h"
#include "fixtures.h"

#include <string.h>

#define SECOND_US    G_USEC_PER_SEC
#define HALF_LIFE_US CLOVE_RELAY_RECORDS_HALF_LIFE_US
#define MIN_WEIGHT   CLOVE_PATH_MIN_WEIGHT
#define EPSILON      1e-9

typedef struct {
  CloveClock *clock;
  CloveRelayRecords *records;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->records = clove_relay_records_new (f->clock);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  clove_relay_records_free (f->records);
  clove_clock_unref (f->clock);
}

/* Sets the made-up key of relay @number. */
static const guint8 *
key_of (guint8 key_out[static CLOVE_RELAY_KEY_SIZE], guint number)
{
  memset (key_out, 0, CLOVE_RELAY_KEY_SIZE);
  for (guint i = 0; i < 4; i++)
    key_out[CLOVE_RELAY_KEY_SIZE - 1 - i] = (guint8) (number >> (8 * i));
  return key_out;
}

static gdouble
weight (Fixture *f, guint number, guint hop)
{
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  return clove_relay_records_get_weight (f->records, key_of (key, number), hop);
}

/* Notes what @events say: b and u for a good build and use, B and U for a bad one. */
static void
note (Fixture *f, guint number, guint hop, const char *events)
{
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  key_of (key, number);
  for (const char *p = events; *p != '\0'; p++) {
    if (g_ascii_tolower (*p) == 'b')
      clove_relay_records_note_build (f->records, key, hop, *p == 'b');
    else
      clove_relay_records_note_use (f->records, key, hop, *p == 'u');
  }
}

static const CloveRelayRecord *
get (Fixture *f, guint number, guint hop)
{
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  return clove_relay_records_get (f->records, key_of (key, number), hop);
}

static void
test_new_destroy (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GPtrArray) list = clove_relay_records_list (f->records);

  g_assert_cmpuint (list->len, ==, 0);
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, 0);
  g_assert_null (get (f, 1, 0));
  g_assert_cmpfloat (weight (f, 1, 0), >=, 1.0);
  /* Asking leaves no record. */
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, 0);
}

static void
test_weights (Fixture *f, gconstpointer user_data)
{
  static const struct {
    const char *events;
    gdouble build_success;
    gdouble use_success;
  } cases[] = {
    { "", 1.0, 1.0 },
    { "b", 1.0, 1.0 },
    { "bu", 1.0, 1.0 },
    { "B", 0.75, 1.0 },
    { "U", 1.0, 0.75 },
    { "BU", 0.75, 0.75 },
    { "UU", 1.0, 0.5625 },
    { "UUU", 1.0, 0.421875 },
    { "UUUu", 1.0, 0.56640625 },
    { "Uu", 1.0, 0.8125 },
    { "uU", 1.0, 0.75 },
    /* Builds, but carries nothing: good builds must not hide it. */
    { "bUbUbUbb", 1.0, 0.421875 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gdouble expected = MIN_WEIGHT + 0.8 * cases[i].build_success * cases[i].use_success;

    g_test_message ("%s", cases[i].events);
    note (f, i, 2, cases[i].events);
    g_assert_cmpfloat_with_epsilon (weight (f, i, 2), expected, EPSILON);
    g_assert_cmpfloat (weight (f, i, 1), >=, 1.0);
    g_assert_cmpfloat (weight (f, i + 1, 2), >=, 1.0);
  }
}

/* However bad, a relay keeps a fifth; from there it comes back, with each success. */
static void
test_floor_and_recovery (Fixture *f, gconstpointer user_data)
{
  gdouble last = 1.0;

  for (guint i = 0; i < 1000; i++) {
    note (f, 1, 1, "BU");
    g_assert_cmpfloat (weight (f, 1, 1), >=, MIN_WEIGHT);
    g_assert_cmpfloat (weight (f, 1, 1), <=, last);
    last = weight (f, 1, 1);
  }
  g_assert_cmpfloat (last, <, MIN_WEIGHT + EPSILON);
  for (guint i = 0; i < 30; i++) {
    note (f, 1, 1, "bu");
    g_assert_cmpfloat (weight (f, 1, 1), >, last);
    g_assert_cmpfloat (weight (f, 1, 1), <=, 1.0);
    last = weight (f, 1, 1);
  }
  g_assert_cmpfloat (last, >, 0.999);
}

static void
test_time_heals (Fixture *f, gconstpointer user_data)
{
  static const struct {
    gint64 unseen_us;
    gdouble failure;
  } cases[] = {
    { 0, 0.4375 },
    { HALF_LIFE_US / 2, 0.4375 * G_SQRT2 / 2 },
    { HALF_LIFE_US, 0.21875 },
    { 2 * HALF_LIFE_US, 0.109375 },
    { 40 * HALF_LIFE_US, 0.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    note (f, i, 0, "UU");
    clove_clock_advance (f->clock, cases[i].unseen_us);
    g_assert_cmpfloat_with_epsilon (weight (f, i, 0), 1.0 - 0.8 * cases[i].failure, EPSILON);
    /* Looking changes nothing; what comes next counts from here. */
    g_assert_cmpfloat_with_epsilon (weight (f, i, 0), 1.0 - 0.8 * cases[i].failure, EPSILON);
    note (f, i, 0, "U");
    g_assert_cmpfloat_with_epsilon (get (f, i, 0)->use_failure,
                                    cases[i].failure + 0.25 * (1.0 - cases[i].failure), EPSILON);
  }
}

static void
test_round_trips (Fixture *f, gconstpointer user_data)
{
  static const struct {
    gint64 rtt_us;
    gint64 mean_us;
    gint64 last_us;
  } steps[] = {
    { 0, 0, 0 },
    { -5, 0, 0 },
    { 8000, 8000, 8000 },
    { 16000, 9000, 16000 },
    { 1000, 8000, 1000 },
    { 61 * SECOND_US, 8000, 1000 },
    { G_MAXINT64, 8000, 1000 },
    { 8000, 8000, 8000 },
  };
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  key_of (key, 1);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    const CloveRelayRecord *record = NULL;

    clove_relay_records_note_rtt (f->records, key, 0, steps[i].rtt_us);
    record = clove_relay_records_get (f->records, key, 0);
    g_assert_cmpint (record != NULL, ==, steps[i].mean_us > 0);
    if (record == NULL)
      continue;
    g_assert_cmpint (record->rtt_us, ==, steps[i].mean_us);
    g_assert_cmpint (record->last_rtt_us, ==, steps[i].last_us);
    g_assert_cmpuint (record->n_outcomes, ==, 0);
  }
  /* A mean of whole numbers stays above zero, which would mean "unknown". */
  for (guint i = 0; i < 200; i++)
    clove_relay_records_note_rtt (f->records, key, 0, 1);
  g_assert_cmpint (clove_relay_records_get (f->records, key, 0)->rtt_us, >, 0);
  g_assert_cmpint (clove_relay_records_get (f->records, key, 0)->rtt_us, <, 10);
}

static void
test_outcomes (Fixture *f, gconstpointer user_data)
{
  const guint n = CLOVE_RELAY_RECORD_N_OUTCOMES;
  const CloveRelayRecord *record = NULL;
  gint64 start_us = clove_clock_now_us (f->clock);

  for (guint i = 0; i < 2 * n + 5; i++) {
    clove_clock_advance (f->clock, SECOND_US);
    note (f, 1, 2, i % 3 == 0 ? "B" : "u");
    record = get (f, 1, 2);
    g_assert_cmpuint (record->n_outcomes, ==, MIN (i + 1, n));
    for (guint j = 0; j < record->n_outcomes; j++) {
      const CloveRelayOutcome *outcome = &record->outcomes[j];
      guint number = i + 1 - record->n_outcomes + j;

      g_assert_cmpint (outcome->time_us, ==, start_us + (number + 1) * SECOND_US);
      g_assert_cmpint (outcome->kind, ==,
                       number % 3 == 0 ? CLOVE_OUTCOME_BUILD : CLOVE_OUTCOME_USE);
      g_assert_cmpint (outcome->is_good, ==, number % 3 != 0);
    }
  }
  g_assert_cmpint (record->seen_us, ==, clove_clock_now_us (f->clock));
}

static void
test_bounds (Fixture *f, gconstpointer user_data)
{
  for (guint i = 0; i < CLOVE_RELAY_RECORDS_MAX; i++) {
    note (f, i, i % 3, "U");
    clove_clock_advance (f->clock, 1);
  }
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, CLOVE_RELAY_RECORDS_MAX);
  /* Seen again, so no longer the one that is missing for longest. */
  note (f, 0, 0, "u");
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, CLOVE_RELAY_RECORDS_MAX);
  note (f, 5000, 0, "u");
  note (f, 5001, 0, "u");
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, CLOVE_RELAY_RECORDS_MAX);
  g_assert_nonnull (get (f, 0, 0));
  g_assert_null (get (f, 1, 1));
  g_assert_null (get (f, 2, 2));
  g_assert_nonnull (get (f, 3, 0));
  g_assert_nonnull (get (f, 5000, 0));
  g_assert_nonnull (get (f, 5001, 0));
  clove_relay_records_clear (f->records);
  g_assert_cmpuint (clove_relay_records_get_n_records (f->records), ==, 0);
}

static void
test_list_and_restore (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GPtrArray) list = NULL;
  CloveRelayRecords *again = clove_relay_records_new (f->clock);
  g_autoptr (GPtrArray) list_again = NULL;

  note (f, 1, 0, "bU");
  note (f, 1, 2, "B");
  clove_clock_advance (f->clock, SECOND_US);
  note (f, 2, 1, "bbu");
  list = clove_relay_records_list (f->records);
  g_assert_cmpuint (list->len, ==, 3);
  g_assert_true (g_ptr_array_index (list, 0) == get (f, 2, 1));
  g_assert_true (g_ptr_array_index (list, 1) == get (f, 1, 0));
  g_assert_true (g_ptr_array_index (list, 2) == get (f, 1, 2));

  for (guint i = 0; i < list->len; i++)
    clove_relay_records_restore (again, g_ptr_array_index (list, i));
  list_again = clove_relay_records_list (again);
  g_assert_cmpuint (list_again->len, ==, list->len);
  for (guint i = 0; i < list->len; i++)
    g_assert_cmpmem (g_ptr_array_index (list_again, i), sizeof (CloveRelayRecord),
                     g_ptr_array_index (list, i), sizeof (CloveRelayRecord));

  /* A record of this run is not overwritten. */
  note (f, 2, 1, "U");
  clove_relay_records_restore (f->records, g_ptr_array_index (list_again, 0));
  g_assert_cmpuint (get (f, 2, 1)->n_outcomes, ==, 4);
  clove_relay_records_free (again);
}

static void
test_weights_of_list (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveRelayList) list = fixture_list ("emx emx emx");
  const CloveRelay *relay = clove_relay_list_get_relay (list, 1);
  gdouble weights[9] = { 0 };

  clove_relay_records_note_use (f->records, clove_relay_get_key (relay), 2, FALSE);
  clove_relay_records_get_weights (f->records, list, weights);
  for (guint i = 0; i < G_N_ELEMENTS (weights); i++)
    g_assert_cmpfloat_with_epsilon (weights[i], i == 1 * 3 + 2 ? 0.8 : 1.0, EPSILON);
}

#define ADD(name, function) \
  g_test_add ("/clove/directory/relay-records/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("weights", test_weights);
  ADD ("floor-and-recovery", test_floor_and_recovery);
  ADD ("time-heals", test_time_heals);
  ADD ("round-trips", test_round_trips);
  ADD ("outcomes", test_outcomes);
  ADD ("bounds", test_bounds);
  ADD ("list-and-restore", test_list_and_restore);
  ADD ("weights-of-list", test_weights_of_list);
  return g_test_run ();
}
