/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove-bench-ui: what a long list of relays costs the window; README.md tells how to read it. */
#include "config.h"

#include "bench-report.h"
#include "bench-timing.h"
#include "clove-relay-model.h"
#include "clove-relays-page.h"
#include "made-snapshots.h"
#include "picture.h"

#include <stdlib.h>

#define N_RELAYS    10000
#define N_HOPS      3
#define N_FRAMES    200
#define MS          1e6
#define PIXELS_STEP 47
#define MODEL       "list of 10 000"
#define PAGE        "page of 10 000"

typedef struct {
  BenchReport *report;
  CloveSnapshot *first;
  CloveSnapshot *same;     /* nothing is different */
  CloveSnapshot *rebuilt;  /* three relays are banned, as by a rebuild */
  CloveSnapshot *banned;   /* all relays are */
  CloveSnapshot *rebanned; /* for another reason */
  CloveSnapshot *reversed; /* the directory in another order */
} Bench;

static CloveSnapshot *
derive (const CloveSnapshot *from, guint n_banned, const char *reason)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  snapshot->state = from->state;
  snapshot->taken_us = MADE_NOW_US;
  snapshot->relays = clove_relay_list_ref (from->relays);
  snapshot->n_relays = from->n_relays;
  snapshot->records = g_ptr_array_ref (from->records);
  for (guint i = 0; i < n_banned; i++) {
    const CloveRelay *relay = clove_relay_list_get_relay (from->relays, i);
    CloveSnapshotBan *ban = g_new0 (CloveSnapshotBan, 1);

    ban->address = g_malloc0 (CLOVE_ADDRESS_STRING_SIZE);
    clove_address_format (clove_relay_get_address (relay), ban->address);
    ban->left_us = G_TIME_SPAN_MINUTE;
    ban->reason = g_strdup (reason);
    g_ptr_array_add (snapshot->bans, ban);
  }
  return snapshot;
}

static CloveSnapshot *
reverse (const CloveSnapshot *from)
{
  g_autoptr (GPtrArray) relays = g_ptr_array_new ();
  CloveSnapshot *snapshot = derive (from, 0, NULL);

  for (guint i = N_RELAYS; i-- > 0;)
    g_ptr_array_add (relays, clove_relay_list_get_relay (from->relays, i));
  clove_relay_list_unref (snapshot->relays);
  snapshot->relays = clove_relay_list_new ((CloveRelay *const *) relays->pdata, N_RELAYS, NULL);
  return snapshot;
}

static void
apply (Bench *bench, CloveRelayModel *model, CloveSnapshot *snapshot, const char *name)
{
  BenchWatch watch = { 0 };

  bench_watch_start (&watch);
  clove_relay_model_apply (model, snapshot);
  clove_relay_model_tick (model, MADE_NOW_US);
  bench_watch_stop (&watch);
  bench_report_add (bench->report, BENCH_CLOVE, MODEL, name, "ms",
                    (gdouble) watch.total_ns / MS);
}

static void
run_model (Bench *bench)
{
  g_autoptr (CloveRelayModel) model = clove_relay_model_new ();

  apply (bench, model, bench->first, "first");
  apply (bench, model, bench->same, "unchanged");
  apply (bench, model, bench->rebuilt, "three banned");
  apply (bench, model, bench->banned, "all banned");
  apply (bench, model, bench->rebanned, "all bans changed");
  apply (bench, model, bench->reversed, "all cleared, other order");
}

static void
show (Bench *bench, CloveRelaysPage *page, CloveSnapshot *snapshot, const char *name)
{
  BenchWatch watch = { 0 };

  bench_watch_start (&watch);
  clove_relays_page_show (page, snapshot, MADE_NOW_US);
  bench_watch_stop (&watch);
  bench_report_add (bench->report, BENCH_CLOVE, PAGE, name, "ms", (gdouble) watch.total_ns / MS);
  picture_settle (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (page))));
}

/* The time of one frame: from its beginning to the end of painting. */
static void
on_before_paint (GdkFrameClock *clock, gpointer user_data)
{
  bench_watch_start (user_data);
}

static void
on_after_paint (GdkFrameClock *clock, gpointer user_data)
{
  bench_watch_stop (user_data);
}

static void
scroll (Bench *bench, CloveRelaysPage *page)
{
  GtkWidget *window = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (page)));
  GObject *list = gtk_widget_get_template_child (GTK_WIDGET (page), CLOVE_TYPE_RELAYS_PAGE, "list");
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gdouble));
  BenchWatch watch = { 0 };

  g_signal_connect (clock, "before-paint", G_CALLBACK (on_before_paint), &watch);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (on_after_paint), &watch);
  for (guint i = 0; i < N_FRAMES; i++) {
    gdouble time_ms = 0;

    watch = (BenchWatch){ 0 };
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + PIXELS_STEP);
    gtk_test_widget_wait_for_draw (window);
    time_ms = (gdouble) watch.total_ns / MS;
    g_array_append_val (times, time_ms);
  }
  g_signal_handlers_disconnect_by_data (clock, &watch);
  g_array_sort (times, bench_compare_doubles);
  bench_report_add (bench->report, BENCH_CLOVE, PAGE, "scrolled frame p50", "ms",
                    bench_percentile (times, 0.5));
  bench_report_add (bench->report, BENCH_CLOVE, PAGE, "scrolled frame p99", "ms",
                    bench_percentile (times, 0.99));
}

static void
run_page (Bench *bench)
{
  CloveRelaysPage *page = g_object_new (CLOVE_TYPE_RELAYS_PAGE, NULL);
  GtkWidget *window = picture_window_new (GTK_WIDGET (page));

  show (bench, page, bench->first, "first");
  show (bench, page, bench->same, "unchanged");
  scroll (bench, page);
  show (bench, page, bench->rebuilt, "three banned");
  show (bench, page, bench->banned, "all banned");
  show (bench, page, bench->rebanned, "all bans changed");
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

int
main (int argc, char *argv[])
{
  g_autoptr (BenchReport) report = NULL;
  gboolean is_smoke = argc > 1 && g_str_equal (argv[1], "--smoke");
  gboolean is_json = argc > 1 && g_str_equal (argv[1], "--json");
  Bench bench = { 0 };

  gtk_init ();
  adw_init ();
  report = bench_report_new ();
  bench.report = report;
  bench.first = made_snapshot_of_many (N_RELAYS);
  bench.same = derive (bench.first, 0, NULL);
  bench.rebuilt = derive (bench.first, N_HOPS, "three failures in a row");
  bench.banned = derive (bench.first, N_RELAYS, "did not answer");
  bench.rebanned = derive (bench.first, N_RELAYS, "three failures in a row");
  bench.reversed = reverse (bench.first);
  for (guint i = 0; i < (is_smoke ? 1 : 5); i++) {
    run_model (&bench);
    run_page (&bench);
  }
  if (is_json)
    bench_report_print_json (report);
  else
    bench_report_print (report);
  clove_snapshot_unref (bench.first);
  clove_snapshot_unref (bench.same);
  clove_snapshot_unref (bench.rebuilt);
  clove_snapshot_unref (bench.banned);
  clove_snapshot_unref (bench.rebanned);
  clove_snapshot_unref (bench.reversed);
  return EXIT_SUCCESS;
}
