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
    g_free (snapshot->live.hops[i].name);
    g_free (snapshot->live.hops[i].address);
    snapshot->live.hops[i].name = g_strndup (names + i, 1);
    snapshot->live.hops[i].address = g_strdup_printf ("192.0.2.%u:9001", i + 1);
  }
  snapshot->live.n_hops = 3;
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
  snapshot->directory_problem = g_strdup ("no network");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==,
                   "Problem with the relay directory: no network.\n"
                   "Waiting, next try in 1:02.\n");
  g_assert_cmpstr (fixture->output->str, ==, "");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==, "");

  /* A problem that comes back after it went is news. */
  g_clear_pointer (&snapshot->directory_problem, g_free);
  tell (fixture);
  snapshot->directory_problem = g_strdup ("no network");
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==, "Problem with the relay directory: no network.\n");
}

static void
add_cause (Fixture *fixture, guint64 serial, const char *text)
{
  CloveSnapshotCause *cause = g_new0 (CloveSnapshotCause, 1);

  cause->serial = serial;
  cause->time_s = 1767225600;
  cause->text = g_strdup_printf ("%s (demo.ton).", text);
  cause->redacted = g_strdup_printf ("%s.", text);
  g_ptr_array_add (fixture->snapshot->causes, cause);
}

static void
free_cause (gpointer data)
{
  CloveSnapshotCause *cause = data;

  g_free (cause->text);
  g_free (cause->redacted);
  g_free (cause);
}

/* Each cause is told once, in order, with its time. */
static void
test_causes (Fixture *fixture, gconstpointer user_data)
{
  g_auto (GStrv) lines = NULL;

  fixture->snapshot->causes = g_ptr_array_new_with_free_func (free_cause);
  add_cause (fixture, 1, "First");
  add_cause (fixture, 2, "Second");
  tell (fixture);
  lines = g_strsplit (fixture->errors->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (g_regex_match_simple ("^\\d\\d:\\d\\d:\\d\\d First\\.$", lines[0], 0, 0));
  g_assert_true (g_str_has_suffix (lines[1], " Second."));
  tell (fixture);
  g_assert_cmpstr (fixture->errors->str, ==, "");
  add_cause (fixture, 3, "Third");
  tell (fixture);
  g_assert_true (g_str_has_suffix (fixture->errors->str, " Third.\n"));
  g_assert_null (g_strstr_len (fixture->errors->str, -1, "Second"));
}

/* On a terminal the user is told, which nobody keeps. */
static void
test_naming_sites (Fixture *fixture, gconstpointer user_data)
{
  fixture->report.is_naming_sites = TRUE;
  fixture->snapshot->causes = g_ptr_array_new_with_free_func (free_cause);
  add_cause (fixture, 1, "First");
  tell (fixture);
  g_assert_true (g_str_has_suffix (fixture->errors->str, " First (demo.ton).\n"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/cli/report/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("lines-for-programs", test_lines_for_programs);
  ADD ("waiting", test_waiting);
  ADD ("causes", test_causes);
  ADD ("naming-sites", test_naming_sites);
  return g_test_run ();
}
