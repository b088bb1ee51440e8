/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-path-plan.h"
#include "clove-random.h"

G_BEGIN_DECLS

/* One way to give the hops to buckets. The numbers of its paths end before @end, and begin where
 * those of the choice before it end. */
typedef struct {
  guint64 end;
  guint8 buckets[CLOVE_PATH_N_HOPS];
} ClovePathChoice;

/* All paths of a plan, numbered from 0. */
typedef struct {
  const ClovePathPlan *plan;          /* borrowed */
  GArray *choices;                    /* of ClovePathChoice */
  guint *members;                     /* indexes of relays, bucket after bucket */
  guint starts[CLOVE_PATH_N_BUCKETS]; /* of the buckets in @members */
} ClovePathDraw;

void clove_path_draw_init (ClovePathDraw *self, const ClovePathPlan *plan, guint n_relays);
void clove_path_draw_clear (ClovePathDraw *self);
void clove_path_draw_next (const ClovePathDraw *self,
                           CloveRandom *random,
                           guint indexes_out[static CLOVE_PATH_N_HOPS]);

guint64 clove_path_draw_below (CloveRandom *random, guint64 bound);
const ClovePathChoice *clove_path_find_choice (const GArray *choices, guint64 number);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClovePathDraw, clove_path_draw_clear)

G_END_DECLS
