/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fault-table.h"

/** fault_cell_run: Run the fault once for each of @n_seeds seeds, from that of @options up. */
void
fault_cell_run (FaultCell *self,
                const FaultKind *kind,
                FaultPlace place,
                const FrontOptions *options,
                guint n_seeds)
{
  self->results = g_array_new (FALSE, FALSE, sizeof (FaultResult));
  for (guint i = 0; i < n_seeds; i++) {
    FrontOptions seeded = *options;
    FaultResult result = { 0 };

    seeded.seed += i;
    fault_run (kind, place, &seeded, &result);
    g_array_append_val (self->results, result);
  }
}

/** fault_cell_clear: Free what is in the cell. */
void
fault_cell_clear (FaultCell *self)
{
  g_clear_pointer (&self->results, g_array_unref);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a;
  gint64 y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/** fault_cell_get_recovery_us: Get the time in which @percent of all had their next page. */
gint64
fault_cell_get_recovery_us (FaultCell *self, guint percent)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint rank = (self->results->len * percent + 99) / 100;

  for (guint i = 0; i < self->results->len; i++)
    g_array_append_val (times, g_array_index (self->results, FaultResult, i).recovery_us);
  g_array_sort (times, compare_times);
  return g_array_index (times, gint64, MAX (rank, 1) - 1);
}

/** fault_cell_sum: Add the counts up; of the times, take the longest. */
FaultResult
fault_cell_sum (FaultCell *self)
{
  FaultResult sum = { .is_healed = TRUE };

  for (guint i = 0; i < self->results->len; i++) {
    const FaultResult *result = &g_array_index (self->results, FaultResult, i);

    sum.recovery_us = MAX (sum.recovery_us, result->recovery_us);
    sum.slowest_us = MAX (sum.slowest_us, result->slowest_us);
    sum.n_requests += result->n_requests;
    sum.n_lost += result->n_lost;
    sum.n_rebuilds += result->n_rebuilds;
    sum.n_wronged += result->n_wronged;
    sum.n_named += result->n_named;
    sum.is_healed &= result->is_healed;
  }
  return sum;
}

static char *
format_time (gint64 time_us)
{
  if (time_us == FAULT_NEVER_US)
    return g_strdup ("never");
  return g_strdup_printf ("%.2f", (gdouble) time_us / G_USEC_PER_SEC);
}

static void
print_row (FaultCell *cell, const FaultKind *kind, FaultPlace place)
{
  gdouble n = cell->results->len;
  FaultResult sum = fault_cell_sum (cell);
  g_autofree char *median = format_time (fault_cell_get_recovery_us (cell, 50));
  g_autofree char *p95 = format_time (fault_cell_get_recovery_us (cell, 95));
  g_autofree char *most = format_time (sum.recovery_us);
  g_autofree char *slowest = format_time (sum.slowest_us);

  g_print ("| %-13s | %-6s | %6s | %6s | %6s | %7s | %5.2f | %5u | %8.2f | %6.2f | %6.2f | %s |\n",
           kind->name, fault_place_name (place), median, p95, most, slowest, sum.n_lost / n,
           sum.n_requests, sum.n_rebuilds / n, sum.n_named / n, sum.n_wronged / n,
           sum.is_healed ? "yes" : "NO");
}

/**
 * fault_table_print:
 * @options: the network
 * @n_seeds: how often each fault happens
 * @kind_name: (nullable): only this one
 *
 * Print what each fault at each place does: times in seconds of the fake clock, then figures for
 * each time that the fault happened.
 */
void
fault_table_print (const FrontOptions *options, guint n_seeds, const char *kind_name)
{
  g_print ("| fault         | where  | median |    p95 |    max | slowest |  lost | asked "
           "| rebuilds |  named | wrongs | healed |\n"
           "|---------------|--------|-------:|-------:|-------:|--------:|------:|------:"
           "|---------:|-------:|-------:|--------|\n");
  for (guint i = 0; i < fault_n_kinds; i++) {
    if (kind_name != NULL && !g_str_equal (kind_name, fault_kinds[i].name))
      continue;
    for (guint place = 0; place < FAULT_N_PLACES; place++) {
      g_auto (FaultCell) cell = { 0 };

      if (!fault_kind_happens_at (&fault_kinds[i], (FaultPlace) place))
        continue;
      fault_cell_run (&cell, &fault_kinds[i], (FaultPlace) place, options, n_seeds);
      print_row (&cell, &fault_kinds[i], (FaultPlace) place);
    }
  }
}
