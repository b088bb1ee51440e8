/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the worker hears of the network, from which thread, and until when. */
#include "config.h"

#include "clove-network-feed.h"
#include "clove-network-watch.h"
#include "fake-monitor.h"
#include "test-loop.h"

#define NO_BUS "unix:path=/nonexistent/bus"
#define HANG_S 100

typedef struct {
  CloveClock *clock;
  FakeMonitor *monitor;
  CloveNetworkWatch *watch;
  GString *log; /* a letter for each event */
} Fixture;

static gboolean
on_hang (gpointer user_data)
{
  g_error ("the test hangs");
  return G_SOURCE_REMOVE;
}

static void
on_event (CloveNetworkEvent event, gpointer user_data)
{
  static const char letters[] = {
    [CLOVE_NETWORK_EVENT_DOWN] = 'D',
    [CLOVE_NETWORK_EVENT_UP] = 'U',
    [CLOVE_NETWORK_EVENT_CHANGED] = 'C',
    [CLOVE_NETWORK_EVENT_METERED_CHANGED] = 'M',
    [CLOVE_NETWORK_EVENT_SLEEPING] = 'S',
    [CLOVE_NETWORK_EVENT_WOKE] = 'W',
  };
  Fixture *f = user_data;

  g_string_append_c (f->log, letters[event]);
  if (event == CLOVE_NETWORK_EVENT_DOWN || event == CLOVE_NETWORK_EVENT_UP)
    g_assert_cmpint (clove_network_watch_is_available (f->watch), ==,
                     event == CLOVE_NETWORK_EVENT_UP);
}

static void
watch (Fixture *f)
{
  GNetworkMonitor *monitor = G_NETWORK_MONITOR (f->monitor);

  f->watch = clove_network_watch_new (f->clock, monitor, NO_BUS, on_event, f);
}

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->monitor = fake_monitor_new ();
  f->log = g_string_new (NULL);
  watch (f);
}

/* A process's own monitor outlives the watch, and what listens to it would heap up. */
static void
assert_nobody_listens (FakeMonitor *monitor)
{
  static const char *const properties[] = { "network-available", "network-metered" };

  g_assert_false (g_signal_has_handler_pending (
    monitor, g_signal_lookup ("network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE));
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    GQuark detail = g_quark_from_string (properties[i]);

    g_assert_false (g_signal_has_handler_pending (
      monitor, g_signal_lookup ("notify", G_TYPE_OBJECT), detail, TRUE));
  }
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_clear_pointer (&f->watch, clove_network_watch_free);
  test_loop_settle ();
  assert_nobody_listens (f->monitor);
  g_assert_finalize_object (f->monitor);
  clove_clock_unref (f->clock);
  g_string_free (f->log, TRUE);
}

static void
assert_log (Fixture *f, const char *expected)
{
  test_loop_settle ();
  g_assert_cmpstr (f->log->str, ==, expected);
}

static void
test_new_destroy (Fixture *f, gconstpointer user_data)
{
  g_assert_true (clove_network_watch_is_available (f->watch));
  g_assert_false (clove_network_watch_is_metered (f->watch));
  assert_log (f, "");
}

/* What differs from what everybody takes for granted is news. */
static void
test_state_at_first (Fixture *f, gconstpointer user_data)
{
  fake_monitor_set_available (f->monitor, FALSE);
  fake_monitor_set_metered (f->monitor, TRUE);
  g_assert_true (clove_network_watch_is_available (f->watch));
  assert_log (f, "DM");
  g_assert_false (clove_network_watch_is_available (f->watch));
  g_assert_true (clove_network_watch_is_metered (f->watch));
}

static void
test_availability (Fixture *f, gconstpointer user_data)
{
  test_loop_settle ();
  fake_monitor_set_available (f->monitor, FALSE);
  assert_log (f, "D");
  fake_monitor_set_available (f->monitor, FALSE);
  clove_clock_advance (f->clock, 2 * CLOVE_NETWORK_WATCH_SETTLE_US);
  assert_log (f, "D");
  fake_monitor_set_available (f->monitor, TRUE);
  assert_log (f, "DU");
  clove_clock_advance (f->clock, CLOVE_NETWORK_WATCH_SETTLE_US);
  assert_log (f, "DUC");
}

static void
test_metered (Fixture *f, gconstpointer user_data)
{
  test_loop_settle ();
  fake_monitor_set_metered (f->monitor, TRUE);
  assert_log (f, "M");
  g_assert_true (clove_network_watch_is_metered (f->watch));
  fake_monitor_set_metered (f->monitor, TRUE);
  assert_log (f, "M");
  fake_monitor_set_metered (f->monitor, FALSE);
  assert_log (f, "MM");
  g_assert_false (clove_network_watch_is_metered (f->watch));
  clove_clock_advance (f->clock, 2 * CLOVE_NETWORK_WATCH_SETTLE_US);
  assert_log (f, "MM");
}

/* However many, they are one, a second after the first; a second lasts no longer for the others. */
static void
test_changes_coalesce (Fixture *f, gconstpointer user_data)
{
  test_loop_settle ();
  for (guint i = 0; i < 10; i++) {
    for (guint j = 0; j < 10; j++)
      fake_monitor_change (f->monitor);
    assert_log (f, "");
    clove_clock_advance (f->clock, CLOVE_NETWORK_WATCH_SETTLE_US / 10 - 1);
  }
  assert_log (f, "");
  clove_clock_advance (f->clock, 10);
  assert_log (f, "C");
  clove_clock_advance (f->clock, 10 * CLOVE_NETWORK_WATCH_SETTLE_US);
  assert_log (f, "C");
  fake_monitor_change (f->monitor);
  test_loop_settle ();
  clove_clock_advance (f->clock, CLOVE_NETWORK_WATCH_SETTLE_US - 1);
  assert_log (f, "C");
  clove_clock_advance (f->clock, 1);
  assert_log (f, "CC");
}

/* A network that is gone has no other addresses. */
static void
test_changes_while_down (Fixture *f, gconstpointer user_data)
{
  test_loop_settle ();
  fake_monitor_change (f->monitor);
  test_loop_settle ();
  fake_monitor_set_available (f->monitor, FALSE);
  fake_monitor_change (f->monitor);
  assert_log (f, "D");
  clove_clock_advance (f->clock, 2 * CLOVE_NETWORK_WATCH_SETTLE_US);
  assert_log (f, "D");
}

static void
test_waking (Fixture *f, gconstpointer user_data)
{
  clove_clock_jump_wall_s (f->clock, 3600);
  clove_clock_advance (f->clock, 30 * G_USEC_PER_SEC);
  assert_log (f, "W");
}

/* Neither what is on its way nor what comes later is told. */
static void
test_free (Fixture *f, gconstpointer user_data)
{
  test_loop_settle ();
  fake_monitor_change (f->monitor);
  test_loop_settle ();
  fake_monitor_set_available (f->monitor, FALSE);
  g_clear_pointer (&f->watch, clove_network_watch_free);
  fake_monitor_set_metered (f->monitor, TRUE);
  test_loop_settle ();
  fake_monitor_set_available (f->monitor, TRUE);
  clove_clock_jump_wall_s (f->clock, 3600);
  g_assert_false (clove_clock_advance_to_next (f->clock));
  assert_log (f, "");
}

static void
test_free_before_it_listens (Fixture *f, gconstpointer user_data)
{
  for (guint i = 0; i < 10; i++) {
    g_clear_pointer (&f->watch, clove_network_watch_free);
    fake_monitor_set_available (f->monitor, i % 2 == 0);
    watch (f);
  }
  assert_log (f, "D");
}

typedef struct {
  Fixture *f;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  CloveNetworkWatch *watch;
  gint is_ready;    /* atomic */
  gint n_events;    /* atomic */
  gint n_elsewhere; /* atomic */
} Worker;

static void
on_worker_event (CloveNetworkEvent event, gpointer user_data)
{
  Worker *worker = user_data;

  if (!g_main_context_is_owner (worker->context) || g_thread_self () != worker->thread)
    g_atomic_int_inc (&worker->n_elsewhere);
  g_atomic_int_inc (&worker->n_events);
  g_main_context_wakeup (NULL);
}

static gpointer
run_worker (gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (CloveClock) clock = clove_clock_new_fake ();
  CloveNetworkWatch *network = NULL;

  g_main_context_push_thread_default (worker->context);
  worker->thread = g_thread_self ();
  network = clove_network_watch_new (clock, G_NETWORK_MONITOR (worker->f->monitor), NO_BUS,
                                     on_worker_event, worker);
  g_atomic_int_set (&worker->is_ready, TRUE);
  g_main_context_wakeup (NULL);
  g_main_loop_run (worker->loop);
  clove_network_watch_free (network);
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_for_events (Worker *worker, gint n_events)
{
  while (g_atomic_int_get (&worker->n_events) < n_events)
    g_main_context_iteration (NULL, TRUE);
}

/* The monitor speaks in this thread; the worker hears it in its own. */
static void
test_other_thread (Fixture *f, gconstpointer user_data)
{
  Worker worker = { .f = f };
  GThread *thread = NULL;

  worker.context = g_main_context_new ();
  worker.loop = g_main_loop_new (worker.context, FALSE);
  thread = g_thread_new ("worker", run_worker, &worker);
  while (!g_atomic_int_get (&worker.is_ready))
    g_main_context_iteration (NULL, TRUE);
  test_loop_settle ();
  for (gint i = 1; i <= 100; i++) {
    fake_monitor_set_metered (f->monitor, i % 2 == 1);
    wait_for_events (&worker, i);
  }
  /* What nobody hears any more is no leak and no call. */
  g_main_context_invoke (worker.context, quit, worker.loop);
  for (guint i = 0; i < 100; i++)
    fake_monitor_set_metered (f->monitor, i % 2 == 0);
  g_thread_join (thread);
  test_loop_settle ();
  g_assert_cmpint (g_atomic_int_get (&worker.n_elsewhere), ==, 0);
  g_main_loop_unref (worker.loop);
  g_main_context_unref (worker.context);
}

static void
count_state (const CloveNetworkState *state, gpointer user_data)
{
  guint *n_states = user_data;

  (*n_states)++;
}

static gpointer
make_and_close (gpointer user_data)
{
  Worker *worker = user_data;
  guint n_states = 0;

  for (guint i = 0; i < 300; i++) {
    g_autoptr (GMainContext) context = g_main_context_new ();
    guint n_wanted = n_states + i % 4;
    CloveNetworkFeed *feed = NULL;

    g_main_context_push_thread_default (context);
    feed = clove_network_feed_new (G_NETWORK_MONITOR (worker->f->monitor), count_state, &n_states);
    while (n_states < n_wanted)
      g_main_context_iteration (context, TRUE);
    clove_network_feed_close (feed);
    g_main_context_pop_thread_default (context);
  }
  g_atomic_int_set (&worker->is_ready, TRUE);
  g_main_context_wakeup (NULL);
  return GUINT_TO_POINTER (n_states);
}

/* Feeds come and go, with their contexts, while the monitor goes on talking. */
static void
test_storm (Fixture *f, gconstpointer user_data)
{
  Worker worker = { .f = f };
  GThread *thread = NULL;
  guint n_states = 0;

  /* What it is told in this context would go before what the others ask of it. */
  g_clear_pointer (&f->watch, clove_network_watch_free);
  thread = g_thread_new ("worker", make_and_close, &worker);
  while (!g_atomic_int_get (&worker.is_ready)) {
    fake_monitor_set_metered (f->monitor, TRUE);
    g_main_context_iteration (NULL, FALSE);
  }
  n_states = GPOINTER_TO_UINT (g_thread_join (thread));
  /* 75 rounds each that waited for 1, 2 and 3. */
  g_assert_cmpuint (n_states, >=, 75 * (1 + 2 + 3));
}

static gpointer
make_default (gpointer user_data)
{
  Worker *worker = user_data;
  guint n_states = 0;
  CloveNetworkFeed *feed = NULL;

  g_main_context_push_thread_default (worker->context);
  feed = clove_network_feed_new (NULL, count_state, &n_states);
  while (g_main_context_iteration (worker->context, FALSE))
    continue;
  g_assert_cmpuint (n_states, ==, 0);
  g_atomic_int_set (&worker->is_ready, TRUE);
  while (n_states == 0)
    g_main_context_iteration (worker->context, TRUE);
  clove_network_feed_close (feed);
  g_main_context_pop_thread_default (worker->context);
  g_atomic_int_set (&worker->is_ready, FALSE);
  g_main_context_wakeup (NULL);
  return NULL;
}

/* The process's own monitor would be bound for good to the context of whoever asks for it first. */
static void
test_default_monitor (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Worker worker = { .context = context };
  GThread *thread = NULL;

  g_assert_cmpuint (g_type_from_name ("GNetworkMonitorBase"), ==, G_TYPE_INVALID);
  thread = g_thread_new ("worker", make_default, &worker);
  while (!g_atomic_int_get (&worker.is_ready))
    g_thread_yield ();
  g_assert_cmpuint (g_type_from_name ("GNetworkMonitorBase"), ==, G_TYPE_INVALID);
  while (g_atomic_int_get (&worker.is_ready))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (g_type_from_name ("GNetworkMonitorBase"), !=, G_TYPE_INVALID);
  g_thread_join (thread);
  test_loop_settle ();
}

#define ADD(name, function) \
  g_test_add ("/clove/engine/network-watch/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_timeout_add_seconds (HANG_S, on_hang, NULL);
  /* First: whatever looks for a proxy brings GIO's types in, connecting to a bus for one. */
  g_test_add ("/clove/engine/network-watch/default-monitor", Fixture, NULL, NULL,
              test_default_monitor, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("state-at-first", test_state_at_first);
  ADD ("availability", test_availability);
  ADD ("metered", test_metered);
  ADD ("changes-coalesce", test_changes_coalesce);
  ADD ("changes-while-down", test_changes_while_down);
  ADD ("waking", test_waking);
  ADD ("free", test_free);
  ADD ("free-before-it-listens", test_free_before_it_listens);
  ADD ("other-thread", test_other_thread);
  ADD ("storm", test_storm);
  return g_test_run ();
}
