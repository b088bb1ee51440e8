/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunOptions:
 * @n_seeds: how many runs
 * @first_seed: the seed of the first; each further one has the next
 * @n_steps: how long each is, for tests that have steps
 * @is_table: print figures instead of judging them
 * @plays_reference: whether the relays have the faults of the reference relay
 * @has_standby: whether a standby circuit is kept
 * @keeps_entry: whether the entry stays the same
 * @fault: (nullable): only this one
 *
 * What a test that repeats itself with many seeds takes from its command line.
 */
typedef struct {
  gint n_seeds;
  gint64 first_seed;
  gint n_steps;
  gboolean is_table;
  gboolean plays_reference;
  gboolean has_standby;
  gboolean keeps_entry;
  char *fault;
} RunOptions;

void run_options_parse (RunOptions *self, int *argc, char ***argv);

G_END_DECLS
