/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-path-selection.h"

#include <stdlib.h>
#include <string.h>

#define N_HOPS CLOVE_PATH_N_HOPS

static inline guint
index_of (CloveRelayList *list, const CloveRelay *relay)
{
  guint index = 0;

  while (clove_relay_list_get_relay (list, index) != relay)
    index++;
  return index;
}

static inline void
assert_is_path (const ClovePath *path)
{
  for (guint hop = 0; hop < N_HOPS; hop++) {
    g_assert_nonnull (path->relays[hop]);
    g_assert_cmpuint (clove_relay_get_roles (path->relays[hop]) >> hop & 1, ==, 1);
    g_assert_true (path->relays[hop] != path->relays[(hop + 1) % N_HOPS]);
  }
}

/*
 * The slow and obvious way, to compare with: goes through all triples and keeps those that are
 * best by (number of avoided relays, ban times longest-banned first).
 */
typedef struct {
  guint n_relays;
  gboolean *is_best; /* n_relays to the power of 3 */
  guint n_best;
} Oracle;

static inline int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a;
  gint64 y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* Sets the path's sorted ban times. Returns: whether it is a path at all */
static inline gboolean
get_cost (CloveRelayList *list,
          const ClovePathOptions *options,
          const guint triple[static N_HOPS],
          gint64 cost_out[static N_HOPS])
{
  for (guint hop = 0; hop < N_HOPS; hop++) {
    CloveRelay *relay = clove_relay_list_get_relay (list, triple[hop]);

    cost_out[hop] =
      options->avoided_since_us != NULL ? options->avoided_since_us[triple[hop]] : CLOVE_PATH_FREE;
    if (cost_out[hop] == CLOVE_PATH_NEVER || (clove_relay_get_roles (relay) >> hop & 1) == 0 ||
        triple[hop] == triple[(hop + 1) % N_HOPS] ||
        (options->pinned[hop] != NULL && options->pinned[hop] != relay))
      return FALSE;
  }
  qsort (cost_out, N_HOPS, sizeof cost_out[0], compare_times);
  return TRUE;
}

static inline int
compare_costs (const gint64 a[static N_HOPS], const gint64 b[static N_HOPS])
{
  for (guint i = 0; i < N_HOPS; i++) {
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

static inline void
oracle_init (Oracle *self, CloveRelayList *list, const ClovePathOptions *options)
{
  guint n = clove_relay_list_get_n_relays (list);
  gint64 best[N_HOPS] = { G_MAXINT64, G_MAXINT64, G_MAXINT64 };

  *self = (Oracle){ .n_relays = n, .is_best = g_new0 (gboolean, (gsize) n * n * n) };
  for (guint i = 0; i < n * n * n; i++) {
    guint triple[N_HOPS] = { i / n / n, i / n % n, i % n };
    gint64 cost[N_HOPS] = { 0 };
    int order = 0;

    if (!get_cost (list, options, triple, cost))
      continue;
    order = compare_costs (cost, best);
    if (order < 0) {
      memcpy (best, cost, sizeof best);
      memset (self->is_best, 0, sizeof (gboolean) * i);
      self->n_best = 0;
    }
    if (order <= 0) {
      self->is_best[i] = TRUE;
      self->n_best++;
    }
  }
}

static inline guint
triple_number (CloveRelayList *list, const ClovePath *path)
{
  guint n = clove_relay_list_get_n_relays (list);

  return (index_of (list, path->relays[0]) * n + index_of (list, path->relays[1])) * n +
         index_of (list, path->relays[2]);
}
