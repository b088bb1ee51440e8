/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which requests are let go when, and what they are counted as. */
#include "config.h"

#include "clove-bulk-gate.h"

#define KIB      1024
#define N_CLAIMS 100

typedef struct {
  CloveClock *clock;
  CloveBulkHosts *hosts;
  CloveBulkWindow window;
  CloveBulkGate gate;
  CloveBulkClaim claims[N_CLAIMS];
  guint n_granted;
  guint last_granted;
} Fixture;

static Fixture f;

static void
on_room (gpointer user_data)
{
  clove_bulk_gate_open (&f.gate);
}

static void
on_granted (gpointer user_data)
{
  f.last_granted = GPOINTER_TO_UINT (user_data);
  f.n_granted++;
}

static void
set_up (void)
{
  f = (Fixture){ .clock = clove_clock_new_fake (), .hosts = clove_bulk_hosts_new () };
  clove_bulk_window_init (&f.window);
  clove_bulk_gate_init (&f.gate, &f.window, f.hosts, f.clock, on_room, NULL);
  for (guint i = 0; i < N_CLAIMS; i++)
    clove_bulk_claim_init (&f.claims[i], &f.gate, on_granted, GUINT_TO_POINTER (i));
}

/* Nothing that was counted may stay so. */
static void
tear_down (void)
{
  for (guint i = 0; i < N_CLAIMS; i++)
    clove_bulk_claim_drop (&f.claims[i]);
  g_assert_cmpuint (clove_bulk_gate_get_n_waiting (&f.gate), ==, 0);
  g_assert_cmpuint (clove_bulk_gate_get_counted (&f.gate), ==, 0);
  g_assert_cmpuint (clove_bulk_gate_get_excess (&f.gate), ==, 0);
  g_assert_cmpuint (clove_bulk_window_get_in_flight (&f.window), ==, 0);
  clove_bulk_gate_clear (&f.gate);
  clove_bulk_hosts_free (f.hosts);
  g_assert_false (clove_clock_advance_to_next (f.clock));
  clove_clock_unref (f.clock);
}

static void
settle (void)
{
  clove_clock_advance (f.clock, 0);
}

static guint
take (guint first, guint n, const char *host)
{
  guint n_taken = 0;

  for (guint i = first; i < first + n; i++)
    n_taken += clove_bulk_claim_take (&f.claims[i], host, 100, TRUE) ? 1 : 0;
  return n_taken;
}

/* So many as fit by what the site's replies were like. */
static void
test_learns_size (void)
{
  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "a.ton", 20 * KIB);
  g_assert_cmpuint (take (0, 20, "a.ton"), ==, 6);
  g_assert_cmpuint (clove_bulk_window_get_in_flight (&f.window), <=, CLOVE_BULK_FIRST_LIMIT);
  tear_down ();

  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "a.ton", 500);
  g_assert_cmpuint (take (0, 64, "a.ton"), ==, 64);
  tear_down ();
}

/* Of a site that has sent nothing some are waited for; meanwhile others are served. */
static void
test_unknown (void)
{
  set_up ();
  g_assert_cmpuint (take (0, 20, "a.ton"), ==, CLOVE_BULK_MAX_UNKNOWN);
  g_assert_cmpuint (take (20, 1, "b.ton"), ==, 0);
  clove_bulk_gate_open (&f.gate);
  g_assert_cmpuint (f.n_granted, ==, 1);
  g_assert_cmpuint (f.last_granted, ==, 20);
  clove_bulk_claim_answer (&f.claims[0], 1000);
  settle ();
  g_assert_cmpuint (clove_bulk_gate_get_n_waiting (&f.gate), ==, 0);
  tear_down ();
}

/* Larger than the window or not: one may always go, and goes on in its turn. */
static void
test_never_starves (void)
{
  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "large.ton", 900 * KIB);
  clove_bulk_hosts_note_reply (f.hosts, "small.ton", 1 * KIB);
  g_assert_cmpuint (take (0, 3, "large.ton"), ==, 1);
  g_assert_cmpuint (take (10, 3, "small.ton"), ==, 0);
  /* Whatever goes alone ends before the next goes: the large ones are neither passed by nor hold
   * up the small ones for good. */
  for (guint i = 0; i < 5; i++) {
    clove_bulk_claim_answer (&f.claims[f.last_granted], 1 * KIB);
    clove_bulk_claim_arrive (&f.claims[f.last_granted]);
    settle ();
    g_assert_cmpuint (f.n_granted, >, i);
  }
  g_assert_cmpuint (f.n_granted, ==, 5);
  tear_down ();
}

/* Two pictures of the second site pass the hundred of the first. */
static void
test_hosts_take_turns (void)
{
  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "a.ton", 60 * KIB);
  clove_bulk_hosts_note_reply (f.hosts, "b.ton", 60 * KIB);
  g_assert_cmpuint (take (0, 50, "a.ton"), ==, 2);
  g_assert_cmpuint (take (50, 2, "b.ton"), ==, 0);
  for (guint i = 0; i < 4; i++) {
    clove_bulk_claim_drop (&f.claims[i < 2 ? i : f.last_granted]);
    settle ();
    g_assert_cmpuint (f.n_granted, ==, i + 1);
    g_assert_cmpuint (f.last_granted / 50, ==, i % 2);
  }
  tear_down ();
}

/* Beside pieces that fill the window small requests go, but not many. */
static void
test_beside_pieces (void)
{
  guint n = 0;

  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "a.ton", 1 * KIB);
  clove_bulk_window_note_sent (&f.window, CLOVE_BULK_FIRST_LIMIT);
  n = take (0, 40, "a.ton");
  g_assert_cmpuint (n, >=, 8);
  g_assert_cmpuint (n, <=, 16);
  clove_bulk_window_note_dropped (&f.window, CLOVE_BULK_FIRST_LIMIT);
  clove_bulk_gate_open (&f.gate);
  g_assert_cmpuint (n + f.n_granted, ==, 40);
  tear_down ();
}

/* A site that thinks for long keeps nobody waiting for longer than a second. */
static void
test_lapses (void)
{
  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "slow.ton", 60 * KIB);
  clove_bulk_hosts_note_reply (f.hosts, "fast.ton", 1 * KIB);
  g_assert_cmpuint (take (0, 2, "slow.ton"), ==, 2);
  g_assert_cmpuint (take (2, 20, "fast.ton"), <, 20);
  clove_clock_advance (f.clock, 2 * CLOVE_BULK_LAPSE_US);
  g_assert_cmpuint (clove_bulk_gate_get_n_waiting (&f.gate), ==, 0);
  /* And when it answers at last, that is counted. */
  clove_bulk_claim_answer (&f.claims[0], 60 * KIB);
  g_assert_cmpuint (clove_bulk_window_get_in_flight (&f.window), >=, 60 * KIB);
  tear_down ();
}

/* Lost replies halve the window once for all that were under way together. */
static void
test_losses (void)
{
  set_up ();
  clove_bulk_hosts_note_reply (f.hosts, "a.ton", 20 * KIB);
  clove_clock_advance (f.clock, 1000);
  g_assert_cmpuint (take (0, 4, "a.ton"), ==, 4);
  clove_clock_advance (f.clock, 1000);
  for (guint i = 0; i < 4; i++) {
    clove_bulk_claim_answer (&f.claims[i], 20 * KIB);
    clove_bulk_claim_lose (&f.claims[i]);
  }
  g_assert_cmpuint (clove_bulk_window_get_limit (&f.window), ==, CLOVE_BULK_FIRST_LIMIT / 2);
  tear_down ();
}

/* What may come of all first pieces together is bounded too. */
static void
test_excess (void)
{
  gsize sum = 0;

  set_up ();
  g_assert_cmpuint (take (0, 4, "a.ton"), ==, 4);
  for (guint i = 0; i < 4; i++)
    sum += clove_bulk_claim_choose_first_size (&f.claims[i]);
  g_assert_cmpuint (sum, >=, CLOVE_BULK_FIRST_LIMIT);
  g_assert_cmpuint (sum, <=, CLOVE_BULK_FIRST_LIMIT * 3 / 2);
  tear_down ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/bulk-gate/learns-size", test_learns_size);
  g_test_add_func ("/clove/proxy/bulk-gate/unknown", test_unknown);
  g_test_add_func ("/clove/proxy/bulk-gate/never-starves", test_never_starves);
  g_test_add_func ("/clove/proxy/bulk-gate/hosts-take-turns", test_hosts_take_turns);
  g_test_add_func ("/clove/proxy/bulk-gate/beside-pieces", test_beside_pieces);
  g_test_add_func ("/clove/proxy/bulk-gate/lapses", test_lapses);
  g_test_add_func ("/clove/proxy/bulk-gate/losses", test_losses);
  g_test_add_func ("/clove/proxy/bulk-gate/excess", test_excess);
  return g_test_run ();
}
