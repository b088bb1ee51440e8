/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-bars.h"

#include <string.h>

/* The ratios and the absolute figures were set against the reference client on the machine that
 * README.md names. */
static const BenchBar bars[] = {
  { "start", "until it listens", BENCH_BAR_AT_MOST, 50 },
  { "circuit", "build, median", BENCH_BAR_AT_MOST, 12 },
  { "1 KB, 1 connection", "rate", BENCH_BAR_TIMES_OTHER, 3 },
  { "1 KB, 8 connections", "rate", BENCH_BAR_TIMES_OTHER, 3 },
  { "1 KB, 64 connections", "rate", BENCH_BAR_TIMES_OTHER, 2 },
  { "1 KB, 8 connections", "p99", BENCH_BAR_AT_MOST, 12 },
  { "1 KB, 8 connections", "CPU per 1000", BENCH_BAR_AT_MOST, 0.10 },
  { "body of 1000000", "arrived", BENCH_BAR_AT_LEAST, 20 },
  { "body of 5000000", "arrived", BENCH_BAR_AT_LEAST, 20 },
  { "body of 5000000", "rate", BENCH_BAR_AT_LEAST, 8 },
  { "body of 5000000", "CPU per 100 MB", BENCH_BAR_AT_MOST, 0.8 },
  { "body of 50000000", "arrived", BENCH_BAR_AT_LEAST, 20 },
  { "body of 50000000", "CPU per 100 MB", BENCH_BAR_AT_MOST, 0.8 },
  { "memory", "RSS idle", BENCH_BAR_AT_MOST, 8 },
  { "memory", "RSS at its highest", BENCH_BAR_AT_MOST, 24 },
  { "idle", "wake-ups", BENCH_BAR_AT_MOST, 0.5 },
  { "list of 10 000", "first", BENCH_BAR_AT_MOST, 10 },
  { "list of 10 000", "unchanged", BENCH_BAR_AT_MOST, 0.1 },
  { "list of 10 000", "all banned", BENCH_BAR_AT_MOST, 5 },
  { "list of 10 000", "all bans changed", BENCH_BAR_AT_MOST, 5 },
  { "page of 10 000", "unchanged", BENCH_BAR_AT_MOST, 2 },
  { "page of 10 000", "three banned", BENCH_BAR_AT_MOST, 5 },
  { "page of 10 000", "scrolled frame p50", BENCH_BAR_AT_MOST, 8 },
  { "page of 10 000", "scrolled frame p99", BENCH_BAR_AT_MOST, 16 },
};

/** bench_bars_find: (nullable): Find the bar of a figure. */
const BenchBar *
bench_bars_find (const char *section, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bars); i++)
    if (strcmp (bars[i].section, section) == 0 && strcmp (bars[i].name, name) == 0)
      return &bars[i];
  return NULL;
}

/**
 * bench_bar_is_reached:
 * @self: a bar
 * @value: our figure
 * @other: the other's, 0 when there is none
 *
 * Returns: whether @value is good enough; %TRUE also when that cannot be told
 */
gboolean
bench_bar_is_reached (const BenchBar *self, gdouble value, gdouble other)
{
  switch (self->kind) {
    case BENCH_BAR_AT_MOST:
      return value <= self->value;
    case BENCH_BAR_AT_LEAST:
      return value >= self->value;
    case BENCH_BAR_TIMES_OTHER:
    default:
      return value >= self->value * other;
  }
}

/** bench_bar_format: (transfer full): Say what must be reached. */
char *
bench_bar_format (const BenchBar *self)
{
  const char *sign = self->kind == BENCH_BAR_AT_MOST ? "≤" : "≥";
  const char *of = self->kind == BENCH_BAR_TIMES_OTHER ? " × other" : "";

  return g_strdup_printf ("%s %g%s", sign, self->value, of);
}
