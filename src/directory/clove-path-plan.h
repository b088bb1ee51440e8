/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-path-selection.h"

G_BEGIN_DECLS

/* A mask is a set of hops: bit n stands for hop n. */
#define CLOVE_PATH_N_MASKS    (1 << CLOVE_PATH_N_HOPS)
/* Free relays, and one level for each avoided relay of a path at most. */
#define CLOVE_PATH_MAX_LEVELS (1 + CLOVE_PATH_N_HOPS)
#define CLOVE_PATH_N_BUCKETS  (CLOVE_PATH_MAX_LEVELS * CLOVE_PATH_N_MASKS)
#define CLOVE_PATH_NO_BUCKET  G_MAXUINT8
#define CLOVE_PATH_NO_INDEX   G_MAXUINT

/* What is asked for; borrows all of it. */
typedef struct {
  const CloveRelayList *list;
  const gint64 *avoided_since_us;
  const gdouble *weights;
  gboolean prefers_diversity;
  guint pinned[CLOVE_PATH_N_HOPS]; /* index or CLOVE_PATH_NO_INDEX */
  guint pinned_hops;               /* mask */
} ClovePathRequest;

typedef struct {
  gint64 since_us;
  guint n_needed;
} ClovePathLevel;

/* How many relays of which kind a path has, and who they may be. */
typedef struct {
  ClovePathLevel levels[CLOVE_PATH_MAX_LEVELS];
  guint n_levels;
  guint8 *bucket_of; /* of each relay: level * CLOVE_PATH_N_MASKS + mask, or CLOVE_PATH_NO_BUCKET */
  guint n_in[CLOVE_PATH_N_BUCKETS];
} ClovePathPlan;

gboolean clove_path_plan_init (ClovePathPlan *self,
                               const ClovePathRequest *request,
                               GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_path_plan_clear (ClovePathPlan *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClovePathPlan, clove_path_plan_clear)

G_END_DECLS
