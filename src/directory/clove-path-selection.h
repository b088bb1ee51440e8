/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-random.h"
#include "clove-relay-list.h"

#include <glib.h>

G_BEGIN_DECLS

/* Hop 0 is the entry, 1 the middle, 2 the exit. */
#define CLOVE_PATH_N_HOPS 3

/* Values of ClovePathOptions.avoided_since_us with a meaning of their own. */
#define CLOVE_PATH_FREE  G_GINT64_CONSTANT (0)
#define CLOVE_PATH_NEVER G_GINT64_CONSTANT (-1)

/* No weight counts less: a relay that did badly gets the chance to do better. */
#define CLOVE_PATH_MIN_WEIGHT 0.2

/**
 * ClovePathOptions:
 * @avoided_since_us: (nullable): for each relay of the list, in its order: %CLOVE_PATH_FREE, the
 *   positive time of its ban (such a relay is used only if there is no path without it), or
 *   %CLOVE_PATH_NEVER
 * @pinned: (nullable): for each hop, the relay of the list that it must be
 * @weights: (nullable): for each relay, in the list's order, one number for each hop, from
 *   %CLOVE_PATH_MIN_WEIGHT to 1 (others count as the nearer end): how likely the relay is to be
 *   chosen there, compared with one of weight 1
 * @prefers_diversity: choose an entry and an exit in different networks and of different operators
 *   if any path that may be chosen is so
 *
 * What is asked of a path apart from chance. All zero asks nothing.
 */
typedef struct {
  const gint64 *avoided_since_us;
  const CloveRelay *pinned[CLOVE_PATH_N_HOPS];
  const gdouble *weights;
  gboolean prefers_diversity;
} ClovePathOptions;

/**
 * ClovePath:
 * @relays: (transfer full): three different relays: entry, middle, exit
 * @is_diverse: entry and exit are in different networks and not of the same operator
 *
 * The relays of a circuit. Starts as all zero; the references belong to its holder.
 */
typedef struct {
  CloveRelay *relays[CLOVE_PATH_N_HOPS];
  gboolean is_diverse;
} ClovePath;

gboolean clove_path_select (ClovePath *path_out,
                            const CloveRelayList *list,
                            const ClovePathOptions *options,
                            CloveRandom *random,
                            GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_path_is_diverse_pair (const CloveRelay *entry, const CloveRelay *exit_relay);
gboolean clove_path_is_possible (const CloveRelayList *list, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gint clove_path_find (const ClovePath *self, const CloveRelay *relay);
void clove_path_clear (ClovePath *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClovePath, clove_path_clear)

G_END_DECLS
