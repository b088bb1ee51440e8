/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  BENCH_BAR_AT_MOST,
  BENCH_BAR_AT_LEAST,
  BENCH_BAR_TIMES_OTHER, /* at least so many times the figure of --versus */
} BenchBarKind;

/**
 * BenchBar:
 *
 * What a figure must reach.
 */
typedef struct {
  const char *section;
  const char *name;
  BenchBarKind kind;
  gdouble value;
} BenchBar;

const BenchBar *bench_bars_find (const char *section, const char *name);
gboolean bench_bar_is_reached (const BenchBar *self, gdouble value, gdouble other);
char *bench_bar_format (const BenchBar *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
