/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A day of work in a few minutes: 256 browser connections ask for a hundred pages a second, the
 * circuit rotates, an exit dies each hour, and a window takes a snapshot of ten thousand relays
 * each second. What is allocated must stay what it was after the first tenth, or half of a short
 * run, and the process must not be much larger than that.
 *
 *   net-day [--steps=SECONDS] [--table]
 *
 * A day is --steps=86400; the default suites run two minutes of it.
 */
#include "config.h"

#include "clove-observer.h"
#include "fixtures.h"
#include "front.h"
#include "run-options.h"

#include <malloc.h>
#include <string.h>

#define N_BROWSERS       256
#define N_A_SECOND       100
#define N_LISTED         10000
#define N_BANNED         100
/* Spreads the relays over as many networks as can be. */
#define NETWORK_STEP     4001
#define N_TIMED_PATHS    100
#define S_BETWEEN_DEATHS 3600
/* Until then buffers and pools grow to what is needed of them. */
#define S_TO_SETTLE      600
#define S_DEAD           60
/* By how much what is allocated may vary: buffers and pools are filled by chance. */
#define MEMORY_SLACK_KIB 1024
/* The part of it that may lie idle between what is in use. */
#define FRAGMENTATION    4

typedef struct {
  Front *front;
  CloveObserver *observer;
  CloveDirectory *directory;
  CloveRequestLog *requests;
  CloveRelayList *listed;
  Browser *browsers[N_BROWSERS];
  guint next;
  guint64 n_asked;
  guint64 n_lost;
  gint64 snapshot_ns;
  gint64 path_ns;
} Day;

static RunOptions arguments = { .n_seeds = 1, .first_seed = 1, .n_steps = 120 };

static gint64
thread_ns (void)
{
  struct timespec time = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_GINT64_CONSTANT (1000000000) + time.tv_nsec;
}

/* Memory that this process has got from the system: Clove's, the relays' and the site's. */
static gint64
get_memory_kib (void)
{
  g_autofree char *text = NULL;
  const char *line = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = strstr (text, "RssAnon:");
  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("RssAnon:"), NULL, 10);
}

/* What of it is allocated: without what malloc keeps, and without what it cannot give back. */
static gint64
get_allocated_kib (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (gint64) ((info.uordblks + info.hblkhd) / 1024);
}

/* AddressSanitizer does, to find who uses it all the same. */
static gboolean
keeps_freed_memory (void)
{
#ifdef __SANITIZE_ADDRESS__
  return TRUE;
#else
  return FALSE;
#endif
}

static CloveRelayList *
make_long_list (void)
{
  g_autoptr (GPtrArray) relays = NULL;

  relays = g_ptr_array_new_with_free_func ((GDestroyNotify) clove_relay_unref);
  for (guint i = 0; i < N_LISTED; i++)
    g_ptr_array_add (relays,
                     fixture_relay (i * NETWORK_STEP, i % 4 == 0 ? CLOVE_RELAY_ROLE_EXIT
                                                                 : CLOVE_RELAY_ROLE_ENTRY |
                                                                     CLOVE_RELAY_ROLE_MIDDLE));
  return clove_relay_list_new ((CloveRelay *const *) relays->pdata, N_LISTED, NULL);
}

static void
day_init (Day *self)
{
  const FrontOptions options = {
    .n_relays = 8,
    .n_exits = 3,
    .seed = (guint64) arguments.first_seed,
    .has_standby = TRUE,
    .keeps_entry = TRUE,
    .rotation_us = 10 * G_TIME_SPAN_MINUTE,
  };
  CloveObserved observed = { .max_attempts = 3 };

  self->front = front_new (&options);
  self->listed = make_long_list ();
  self->directory = clove_directory_new (self->front->net.clock, NULL);
  self->requests = clove_request_log_new (self->front->net.clock);
  observed.clock = self->front->net.clock;
  observed.keeper = self->front->keeper;
  observed.directory = self->directory;
  observed.server = self->front->server;
  observed.requests = self->requests;
  observed.relays = self->listed;
  self->observer = clove_observer_new (&observed);
  for (guint i = 0; i < N_BROWSERS; i++) {
    self->browsers[i] = browser_new (&self->front->address);
    test_loop_settle ();
  }
}

static void
day_clear (Day *self)
{
  for (guint i = 0; i < N_BROWSERS; i++)
    browser_free (self->browsers[i]);
  clove_observer_free (self->observer);
  clove_request_log_free (self->requests);
  g_object_unref (self->directory);
  clove_relay_list_unref (self->listed);
  front_free (self->front);
}

static Browser *
get_browser (Day *self, guint offset)
{
  return self->browsers[(self->next + offset) % N_BROWSERS];
}

static gboolean
have_replies (gpointer user_data)
{
  Day *self = user_data;

  for (guint i = 0; i < N_A_SECOND; i++) {
    if (!browser_is_done (get_browser (self, i)))
      return FALSE;
  }
  return TRUE;
}

/* One second's worth of pages, of sizes as pages have them. */
static void
ask (Day *self)
{
  static const guint sizes[] = { 200, 1000, 1000, 3000, 10000, 300, 1000, 20000, 500, 1000 };

  for (guint i = 0; i < N_A_SECOND; i++) {
    g_autofree char *request =
      g_strdup_printf ("GET http://demo.ton/bytes/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n",
                       sizes[self->n_asked++ % G_N_ELEMENTS (sizes)]);

    browser_send (get_browser (self, i), request);
  }
  test_loop_run_until (self->front->net.clock, have_replies, self);
  for (guint i = 0; i < N_A_SECOND; i++) {
    Browser *browser = get_browser (self, i);

    self->n_lost += browser_get_status (browser) != 200;
    g_assert_false (browser->has_ended);
    g_byte_array_set_size (browser->read, 0);
  }
  self->next = (self->next + N_A_SECOND) % N_BROWSERS;
}

/* A hundred relays are always banned: each is for five minutes. */
static void
ban (Day *self, guint second)
{
  CloveBlacklist *blacklist = clove_directory_get_blacklist (self->directory);
  const guint interval_s = 5 * 60 / N_BANNED;

  if (second % interval_s == 0)
    clove_blacklist_mark_failed (
      blacklist,
      clove_relay_get_address (
        clove_relay_list_get_relay (self->listed, second / interval_s * 7 % N_LISTED)),
      "did not answer");
}

static void
look (Day *self)
{
  gint64 began_ns = thread_ns ();
  g_autoptr (CloveSnapshot) snapshot = clove_observer_take (self->observer, NULL);

  self->snapshot_ns += thread_ns () - began_ns;
  g_assert_cmpuint (snapshot->n_relays, ==, N_LISTED);
}

static void
break_exit (Day *self, guint second)
{
  if (second % S_BETWEEN_DEATHS == S_BETWEEN_DEATHS / 2)
    test_net_command (&self->front->net, "kill %s", front_get_hop (self->front, 2));
  if (second % S_BETWEEN_DEATHS == S_BETWEEN_DEATHS / 2 + S_DEAD)
    test_net_command (&self->front->net, "heal");
}

static void
time_paths (Day *self)
{
  g_autofree gint64 *avoided_us = g_new0 (gint64, N_LISTED);
  g_autofree gdouble *weights = g_new (gdouble, (gsize) N_LISTED * CLOVE_PATH_N_HOPS);
  const ClovePathOptions options = {
    .avoided_since_us = avoided_us,
    .weights = weights,
    .prefers_diversity = TRUE,
  };
  gint64 began_ns = 0;

  for (guint i = 0; i < N_LISTED; i++) {
    avoided_us[i] = i % (N_LISTED / N_BANNED) == 0 ? i + 1 : CLOVE_PATH_FREE;
    for (guint hop = 0; hop < CLOVE_PATH_N_HOPS; hop++)
      weights[i * CLOVE_PATH_N_HOPS + hop] = i % 3 == 0 ? 0.5 : 1.0;
  }
  began_ns = thread_ns ();
  for (guint i = 0; i < N_TIMED_PATHS; i++) {
    g_auto (ClovePath) path = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (
      clove_path_select (&path, self->listed, &options, self->front->random, &error));
  }
  self->path_ns = (thread_ns () - began_ns) / N_TIMED_PATHS;
}

static void
test_day (void)
{
  Day day = { 0 };
  guint n_seconds = (guint) MAX (arguments.n_steps, 1);
  guint settled_s = MAX (n_seconds / 10, MIN (n_seconds / 2, S_TO_SETTLE));
  gint64 settled_kib = 0;

  day_init (&day);
  for (guint second = 0; second < n_seconds; second++) {
    ban (&day, second);
    break_exit (&day, second);
    ask (&day);
    look (&day);
    test_loop_advance (day.front->net.clock, G_TIME_SPAN_SECOND);
    if (second == settled_s)
      settled_kib = get_allocated_kib ();
    if (arguments.is_table && second % 3600 == 3599)
      g_print ("# %2u h: %6ld KiB, %6ld KiB allocated, %lu asked, %lu lost\n", second / 3600 + 1,
               (glong) get_memory_kib (), (glong) get_allocated_kib (), (gulong) day.n_asked,
               (gulong) day.n_lost);
  }
  time_paths (&day);
  g_test_message ("%lu requests, %lu lost; %ld KiB allocated, then %ld; memory %ld KiB; processor "
                  "time of a snapshot %ld us, of a path %ld us",
                  (gulong) day.n_asked, (gulong) day.n_lost, (glong) settled_kib,
                  (glong) get_allocated_kib (), (glong) get_memory_kib (),
                  (glong) (day.snapshot_ns / n_seconds / 1000),
                  (glong) (day.path_ns / 1000));
  g_assert_cmpuint (day.n_lost, ==, 0);
  if (!keeps_freed_memory ()) {
    g_assert_cmpint (get_allocated_kib (), <=, settled_kib + MEMORY_SLACK_KIB);
    g_assert_cmpint (get_memory_kib (), <=, settled_kib + settled_kib / FRAGMENTATION);
  }
  day_clear (&day);
}

int
main (int argc, char *argv[])
{
  run_options_parse (&arguments, &argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/day", test_day);
  return g_test_run ();
}
