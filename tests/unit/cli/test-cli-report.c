/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cli-report.h"

typedef struct {
  CloveCliReport report;
  CloveSnapshot *snapshot;
  GString *output;
  GString *errors;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->snapshot = clove_snapshot_new ();
  fixture->output = g_string_new (NULL);
  fixture->errors = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  clove_cli_report_clear (&fixture->report);
  clove_snapshot_unref (fixture->snapshot);
  g_string_free (fixture->output, TRUE);
  g_string_free (fixture->errors, TRUE);
}

static void
tell (Fixture *fixture)
{
  g_string_truncate (fixture->output, 0);
  g_string_truncate (fixture->errors, 0);
  clove_cli_report_add (&fixture->report, fixture->snapshot, fixture->output, fixture->errors);
}

static void
connect_through (Fixture *fixture, const char *names)
{
  CloveSnapshot *snapshot = fixture->snapshot;

  for (guint i = 0; i < 3; i++) {
    g_free (snapshot->hops[i].name);
    g_free (snapshot->hops[i].address);
    snapshot->hops[i].name = g_strndup (names + i, 1);
    snapshot->hops[i].address = g_strdup_printf ("192.0.2.%u:9001", i + 1);
  }
  snapshot->n_hops = 3;
  snapshot->generation++;
  snapshot->state = CLOVE_ENGINE_CONNECTED;
}

/* What other programs wait for: the reference client's lines, once each. */
static void
test_lines_for_programs (Fixture *fixture, gconstpointer user_data)
{
  fixture->snapshot->listen_address = g_strdup ("127.0.0.1:8080");
  fixture->snapshot->state = CLOVE_ENGINE_LOADING;
  tell (fixture);
  g_assert_cmpstr (fixture->output->str, ==, "");
  connect_through (fixture, "abc");
  tell (fixture);
  g_assert_cmpstr (fixture->output->str, ==,
                   "Entry:  a (192.0.2.1:9001)\n"
                   "Middle: b (192.0.2.2:9001)\n"
                   "Exit:   c (192.0.2.3:9001)\n"
                   "Proxy listening on http://127.0.0.1:8080\n");
  tell (fixture);
  g_assert_cmpstr (fixture->output->str, ==, "");
  connect_through (fixture, "bcd");
  tell (fixture);
  g_assert_cmpstr (fixture->output->str, ==,
                   "Entry:  b (192.0.2.1:9001)\n"
                   "Middle: c (192.0.2.2:9001)\n"
                   "Exit:   d (192.0.2.3:9001)\n");
}

static void
test_waiting (Fixture *fixture, gconstpointer user_data)
{
  CloveSnapshot *snapshot = fixture->snapshot;

  snapshot->state = CLOVE_ENGINE_WAITING;
  snapshot->taken_us = 1000;
  snapshot->next_try_us = 1000 + 62 * G_USEC_PER_SEC;
  snapshot->problem = g_strdup ("entry a: no answer");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==,
                   "Problem: entry a: no answer.\nWaiting, next try in 1:02.\n");
  g_assert_cmpstr (fixture->output->str, ==, "");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==, "");

  /* A problem that comes back after it went is news. */
  g_clear_pointer (&snapshot->problem, g_free);
  connect_through (fixture, "abc");
  tell (fixture);
  snapshot->state = CLOVE_ENGINE_WAITING;
  snapshot->problem = g_strdup ("entry a: no answer");
  tell (fixture);
  g_assert_true (g_str_has_prefix (fixture->errors->str, "Problem: entry a: no answer.\n"));
}

static void
test_directory_problem (Fixture *fixture, gconstpointer user_data)
{
  connect_through (fixture, "abc");
  fixture->snapshot->directory_problem = g_strdup ("no network");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==,
                   "Problem with the relay directory: no network.\nConnected through 3 relays.\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/cli/report/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("lines-for-programs", test_lines_for_programs);
  ADD ("waiting", test_waiting);
  ADD ("directory-problem", test_directory_problem);
  return g_test_run ();
}
