/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The activity page, its graph, and the arithmetic and words behind them. */
#include "config.h"

#include "clove-activity-page.h"
#include "clove-describe-traffic.h"
#include "clove-request-row.h"
#include "clove-throughput-graph.h"
#include "clove-throughput.h"
#include "made-snapshots.h"
#include "picture.h"
#include "stage.h"

#define S G_TIME_SPAN_SECOND

static CloveApplication *application;

typedef struct {
  CloveActivityPage *page;
  GtkWidget *window;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  CloveSettings *settings = clove_application_get_settings (application);

  clove_settings_set (settings, CLOVE_SETTING_HISTORY, TRUE);
  fixture->page = g_object_new (CLOVE_TYPE_ACTIVITY_PAGE, NULL);
  clove_activity_page_set_settings (fixture->page, settings);
  fixture->window = stage_window_new (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  stage_close (fixture->window);
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_nonnull (stage_find_label (fixture->window, "No requests yet"));
}

static const char *
get_text (Fixture *fixture, const char *id)
{
  return gtk_label_get_text (GTK_LABEL (stage_find (GTK_WIDGET (fixture->page), id)));
}

/* What was there before the first reading is not new; what comes is spread over its time. */
static void
test_readings (void)
{
  CloveThroughput history = { 0 };

  g_assert_true (clove_throughput_read (&history, 1000 * S, 5000, 500));
  g_assert_cmpfloat (clove_throughput_get_peak (&history), <, 0.5);
  g_assert_false (clove_throughput_read (&history, 1000 * S + S / 2, 5000, 500));
  /* Half of this belongs to the second 1000, half to the next. */
  g_assert_true (clove_throughput_read (&history, 1001 * S + S / 2, 7000, 520));
  g_assert_cmpfloat_with_epsilon (clove_throughput_get (&history, 0)->received, 1000, 1);
  g_assert_cmpfloat_with_epsilon (clove_throughput_get (&history, 1)->received, 1000, 1);
  g_assert_cmpfloat_with_epsilon (clove_throughput_get (&history, 1)->sent, 10, 1);
  /* After ten seconds without a look, the average is all that can be said. */
  g_assert_true (clove_throughput_read (&history, 1011 * S + S / 2, 17000, 520));
  for (guint age_s = 1; age_s < 9; age_s++)
    g_assert_cmpfloat_with_epsilon (clove_throughput_get (&history, age_s)->received, 1000, 1);
  g_assert_cmpfloat_with_epsilon (clove_throughput_get (&history, 10)->received, 1500, 1);
}

/* Nothing is lost or made up, whatever the rhythm of the readings. */
static void
test_sum (void)
{
  CloveThroughput history = { 0 };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint64 total = 0;
  gdouble sum = 0;

  clove_throughput_read (&history, 1000 * S, 0, 0);
  for (gint64 now_us = 1000 * S; now_us < 1100 * S; now_us += g_rand_int_range (random, 1, 3 * S)) {
    total += (guint64) g_rand_int_range (random, 0, 100000);
    clove_throughput_read (&history, now_us, total, total / 3);
  }
  for (guint age_s = 0; age_s < CLOVE_THROUGHPUT_N_SECONDS; age_s++)
    sum += clove_throughput_get (&history, age_s)->received;
  g_assert_cmpfloat_with_epsilon (sum, (gdouble) total, 2);
}

/* It moves on, and nothing moves when all is empty. */
static void
test_forget (void)
{
  CloveThroughput history = { 0 };

  clove_throughput_read (&history, 1000 * S, 0, 0);
  clove_throughput_read (&history, 1001 * S, 900, 0);
  g_assert_true (clove_throughput_read (&history, 1100 * S, 900, 0));
  g_assert_cmpfloat (clove_throughput_get_peak (&history), >, 100);
  g_assert_true (clove_throughput_read (&history, 1300 * S, 900, 0));
  g_assert_cmpfloat (clove_throughput_get_peak (&history), <, 0.5);
  g_assert_false (clove_throughput_read (&history, 1400 * S, 900, 0));
  /* Another engine begins at nothing. */
  g_assert_true (clove_throughput_read (&history, 1401 * S, 10, 0));
  g_assert_cmpfloat_with_epsilon (clove_throughput_get_peak (&history), 10, 1);
}

static void
test_scale (void)
{
  static const gdouble cases[][2] = {
    { 0, 10000 },
    { 10000, 10000 },
    { 10001, 20000 },
    { 4.9e6, 5000e3 },
    { 8.1e6, 1e7 },
    { 1.2e9, 2e9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpfloat_with_epsilon (clove_throughput_round_up (cases[i][0]), cases[i][1], 1);
}

static void
test_words (void)
{
  static const struct {
    guint status;
    gboolean is_complete;
    const char *text;
    CloveTone tone;
  } cases[] = {
    { 200, TRUE, "OK", CLOVE_TONE_GOOD },
    { 200, FALSE, "Broke off", CLOVE_TONE_WARNING },
    { 404, TRUE, "Not found (404)", CLOVE_TONE_WARNING },
    { 502, FALSE, "No answer from the site (502)", CLOVE_TONE_BAD },
    { 418, TRUE, "Status 418", CLOVE_TONE_WARNING },
    { 0, FALSE, "The browser went away", CLOVE_TONE_PLAIN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveSnapshotRequest request = { .status = cases[i].status,
                                     .is_complete = cases[i].is_complete };
    g_autofree char *text = clove_describe_request_status (&request);

    g_assert_cmpstr (text, ==, cases[i].text);
    g_assert_cmpint (clove_describe_request_tone (&request), ==, cases[i].tone);
  }
}

static void
test_durations (void)
{
  static const struct {
    gint64 duration_us;
    const char *text;
  } cases[] = {
    { -5, "0 ms" },
    { 61 * 1000, "61 ms" },
    { 999999, "999 ms" },
    { 1500000, "1.5 s" },
    { 90 * S, "1 min" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = clove_describe_duration (cases[i].duration_us);

    g_assert_cmpstr (text, ==, cases[i].text);
  }
}

/* The engine's "in" is what browsers sent. */
static void
test_totals (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US);
  g_assert_cmpstr (get_text (fixture, "n_requests"), ==, "214");
  g_assert_cmpstr (get_text (fixture, "n_in_flight"), ==, "2");
  g_assert_cmpstr (get_text (fixture, "received"), ==, "12.0\u00a0MB");
  g_assert_cmpstr (get_text (fixture, "sent"), ==, "40.0\u00a0kB");
}

static GtkWidget *
get_row (Fixture *fixture, guint n)
{
  GtkWidget *row =
    gtk_widget_get_first_child (stage_find (GTK_WIDGET (fixture->page), "list"));

  for (guint i = 0; i < n && row != NULL; i++)
    row = gtk_widget_get_next_sibling (row);
  return row;
}

/* The newest on top; known ones keep their rows; forgotten ones go. */
static void
test_requests (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) later = made_snapshot ("off");
  CloveSnapshotRequest *added = clove_snapshot_request_new ("new.ton", "POST");
  GtkWidget *newest = NULL;

  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US);
  newest = get_row (fixture, 0);
  g_assert_cmpuint (clove_request_row_get_request (CLOVE_REQUEST_ROW (newest))->serial, ==, 12);
  for (guint i = 3; i < 12; i++)
    g_ptr_array_add (later->requests, clove_snapshot_request_ref (
                                        g_ptr_array_index (snapshot->requests, i)));
  added->serial = 13;
  g_ptr_array_add (later->requests, added);
  clove_activity_page_show (fixture->page, later, MADE_NOW_US);
  g_assert_true (get_row (fixture, 1) == newest);
  g_assert_nonnull (get_row (fixture, 9));
  g_assert_null (get_row (fixture, 10));
  picture_settle (fixture->window);
  g_assert_nonnull (stage_find_label (fixture->window, "new.ton"));
}

static void
test_other_engine (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) other = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) off = clove_snapshot_new ();

  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US);
  clove_activity_page_show (fixture->page, other, MADE_NOW_US);
  g_assert_nonnull (get_row (fixture, 11));
  g_assert_null (get_row (fixture, 12));
  clove_activity_page_show (fixture->page, off, MADE_NOW_US);
  g_assert_null (get_row (fixture, 0));
}

/* Switched off, the page says so, and has a button that switches it on. */
static void
test_history (Fixture *fixture, gconstpointer user_data)
{
  CloveSettings *settings = clove_application_get_settings (application);
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  g_ptr_array_set_size (snapshot->requests, 0);
  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US);
  clove_settings_set (settings, CLOVE_SETTING_HISTORY, FALSE);
  picture_settle (fixture->window);
  g_assert_nonnull (stage_find_label (fixture->window, "Requests are not listed"));
  picture_take_looks (fixture->window, "activity-page-off");
  g_signal_emit_by_name (stage_find (fixture->window, "switch_on"), "clicked");
  picture_settle (fixture->window);
  g_assert_true (clove_settings_get (settings, CLOVE_SETTING_HISTORY));
  g_assert_nonnull (stage_find_label (fixture->window, "No requests yet"));
}

static void
test_demo (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *button = stage_find (fixture->window, "open_demo");

  g_assert_false (gtk_widget_get_mapped (button));
  clove_activity_page_set_demo (fixture->page, TRUE);
  picture_settle (fixture->window);
  g_assert_true (gtk_widget_get_mapped (button));
  g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), ==, "app.open-demo");
}

/* Somebody looks at a few pages, then at a film. */
static void
fill_graph (Fixture *fixture, CloveSnapshot *snapshot)
{
  for (guint i = 0; i <= 140; i++) {
    guint wave = i % 35;

    snapshot->n_bytes_out += i > 95 ? 1500000 + wave * 30000 : wave < 8 ? (8 - wave) * 90000
                                                                        : 0;
    snapshot->n_bytes_in += i > 95 ? 250000 + wave * 9000 : wave < 8 ? 30000
                                                                     : 0;
    clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US + (gint64) i * S);
  }
}

static void
test_graph (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");
  GtkWidget *graph = stage_find (GTK_WIDGET (fixture->page), "graph");

  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US);
  gtk_test_accessible_assert_role (graph, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (graph, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Nothing passes at the moment");
  snapshot->n_bytes_out += 2000000;
  snapshot->n_bytes_in += 4000;
  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US + S);
  clove_activity_page_show (fixture->page, snapshot, MADE_NOW_US + S + S / 2);
  gtk_test_accessible_assert_property (graph, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Received 2.0\u00a0MB/s, sent 4.0\u00a0kB/s");
  g_assert_cmpstr (get_text (fixture, "received_rate"), ==, "2.0\u00a0MB/s");
}

static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) off = made_snapshot ("off");

  clove_activity_page_set_demo (fixture->page, TRUE);
  clove_activity_page_show (fixture->page, off, MADE_NOW_US - S);
  picture_take_looks (fixture->window, "activity-page-empty");
  fill_graph (fixture, snapshot);
  picture_take_looks (fixture->window, "activity-page-busy");
}

int
main (int argc, char *argv[])
{
  application = stage_begin (&argc, &argv);
  g_test_add_func ("/clove/ui/throughput/readings", test_readings);
  g_test_add_func ("/clove/ui/throughput/sum", test_sum);
  g_test_add_func ("/clove/ui/throughput/forget", test_forget);
  g_test_add_func ("/clove/ui/throughput/scale", test_scale);
  g_test_add_func ("/clove/ui/describe-traffic/words", test_words);
  g_test_add_func ("/clove/ui/describe-traffic/durations", test_durations);
#define ADD(name, function) \
  g_test_add ("/clove/ui/activity/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("totals", test_totals);
  ADD ("requests", test_requests);
  ADD ("other-engine", test_other_engine);
  ADD ("history", test_history);
  ADD ("demo", test_demo);
  ADD ("graph", test_graph);
  ADD ("pictures", test_pictures);
  return stage_run ();
}
