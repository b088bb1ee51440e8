/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each fault at each place, with somebody reading pages meanwhile.
 *
 *   net-fault-matrix [--seeds=N]                     how often each happens
 *   net-fault-matrix --table [--fault=NAME] [...]    print figures instead of judging them
 */
#include "config.h"

#include "fault-table.h"
#include "run-options.h"

#include <string.h>

static RunOptions arguments = { .n_seeds = 3, .first_seed = 1 };

static FrontOptions
get_options (void)
{
  return (FrontOptions){
    .n_relays = 8,
    .n_exits = 4,
    .seed = (guint64) arguments.first_seed,
    .plays_reference = arguments.plays_reference,
    .has_standby = arguments.has_standby,
    .keeps_entry = arguments.keeps_entry,
  };
}

#define ONE (1 << FAULT_AT_ENTRY | 1 << FAULT_AT_MIDDLE | 1 << FAULT_AT_EXIT)
#define TWO (1 << FAULT_AT_TWO)
#define ALL (1 << FAULT_AT_ALL)

#define SECONDS(n) ((n) *G_TIME_SPAN_SECOND)

/**
 * Bar:
 * @places: where it holds, a bit for each #FaultPlace
 * @recovery_us: 95 of 100 have their next page after this at most: without standby, with it
 * @n_lost: requests that a fault may cost, in ten times
 * @is_named: whether all who failed are found
 */
typedef struct {
  const char *kind;
  guint places;
  gint64 recovery_us[2];
  guint n_lost;
  gboolean is_named;
} Bar;

static const Bar bars[] = {
  { "kill", ONE | TWO, { SECONDS (8), SECONDS (1) }, 0, TRUE },
  { "kill", ALL, { SECONDS (15), SECONDS (15) }, 20, FALSE },
  { "freeze", ONE | TWO, { SECONDS (8), SECONDS (1) }, 0, TRUE },
  { "freeze", ALL, { SECONDS (1), SECONDS (1) }, 20, FALSE },
  { "restart", ONE | TWO, { SECONDS (8), SECONDS (1) }, 0, FALSE },
  { "restart", ALL, { SECONDS (8), SECONDS (8) }, 0, FALSE },
  { "sleep", ALL, { SECONDS (8), SECONDS (8) }, 0, FALSE },
  { "leave list", ONE | TWO | ALL, { 0, 0 }, 0, FALSE },
  { "leave and die", ONE | TWO, { SECONDS (8), SECONDS (1) }, 0, TRUE },
  { "offline", ALL, { SECONDS (1), SECONDS (1) }, 600, FALSE },
  { "unplugged", ALL, { SECONDS (1), SECONDS (1) }, 20, FALSE },
};

static void
judge (FaultCell *cell, const Bar *bar, FaultPlace place, gboolean has_standby)
{
  guint n = cell->results->len;
  FaultResult sum = fault_cell_sum (cell);
  gint64 p95_us = fault_cell_get_recovery_us (cell, 95);
  guint n_victims = place == FAULT_AT_TWO ? 2 : 1;

  g_test_message ("%s, %s%s: %.2f s, %u lost, %u wronged", bar->kind, fault_place_name (place),
                  has_standby ? ", standby" : "", (gdouble) p95_us / G_USEC_PER_SEC, sum.n_lost,
                  sum.n_wronged);
  g_assert_true (sum.is_healed);
  g_assert_cmpint (p95_us, <=, bar->recovery_us[has_standby ? 1 : 0]);
  g_assert_cmpuint (sum.n_lost * 10, <=, n * bar->n_lost);
  g_assert_cmpuint (sum.n_wronged, ==, 0);
  if (bar->is_named)
    g_assert_cmpuint (sum.n_named, ==, n * n_victims);
}

static void
test_bar (gconstpointer user_data)
{
  const Bar *bar = user_data;

  for (guint i = 0; i < FAULT_N_PLACES * 2; i++) {
    FaultPlace place = (FaultPlace) (i / 2);
    FrontOptions options = get_options ();
    g_auto (FaultCell) cell = { 0 };

    if ((bar->places & (1u << place)) == 0)
      continue;
    options.has_standby = i % 2 == 1;
    fault_cell_run (&cell, fault_kind_find (bar->kind), place, &options,
                    (guint) arguments.n_seeds);
    judge (&cell, bar, place, options.has_standby);
  }
}

/* The same seed gives the same run, to the microsecond. */
static void
test_same_seed (void)
{
  FrontOptions options = get_options ();

  options.has_standby = TRUE;
  for (guint i = 0; i < fault_n_kinds; i++) {
    FaultResult results[2] = { { 0 } };
    FaultPlace place =
      fault_kinds[i].is_for_all ? FAULT_AT_ALL : (FaultPlace) (i % FAULT_N_PLACES);

    options.seed++;
    for (guint j = 0; j < G_N_ELEMENTS (results); j++)
      fault_run (&fault_kinds[i], place, &options, &results[j]);
    g_assert_cmpint (results[0].recovery_us, ==, results[1].recovery_us);
    g_assert_cmpint (results[0].slowest_us, ==, results[1].slowest_us);
    g_assert_cmpuint (results[0].n_requests, ==, results[1].n_requests);
    g_assert_cmpuint (results[0].n_lost, ==, results[1].n_lost);
    g_assert_cmpuint (results[0].n_rebuilds, ==, results[1].n_rebuilds);
    g_assert_cmpuint (results[0].n_wronged, ==, results[1].n_wronged);
    g_assert_cmpuint (results[0].n_named, ==, results[1].n_named);
  }
}

int
main (int argc, char *argv[])
{
  run_options_parse (&arguments, &argc, &argv);
  if (arguments.is_table) {
    FrontOptions options = get_options ();

    fault_table_print (&options, (guint) arguments.n_seeds, arguments.fault);
    return 0;
  }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/faults/same-seed", test_same_seed);
  for (guint i = 0; i < G_N_ELEMENTS (bars); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/faults/%u-%s", i, bars[i].kind);

    g_strdelimit (path + strlen ("/clove/faults/"), " ", '-');
    g_test_add_data_func (path, &bars[i], test_bar);
  }
  return g_test_run ();
}
