/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-path-draw.h"
#include "clove-random.h"
#include "clove-relay-list.h"

G_BEGIN_DECLS

/* The paths of a draw whose entry and exit are diverse. */
typedef struct {
  const ClovePathDraw *draw;  /* borrowed */
  const CloveRelayList *list; /* borrowed */
  GArray *choices;            /* of ClovePathChoice */
  GArray *pairs;              /* of buckets for entry and exit */
} ClovePathDiversity;

gboolean clove_path_diversity_init (ClovePathDiversity *self,
                                    const ClovePathDraw *draw,
                                    const CloveRelayList *list)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_path_diversity_clear (ClovePathDiversity *self);
void clove_path_diversity_draw_next (const ClovePathDiversity *self,
                                     CloveRandom *random,
                                     guint indexes_out[static CLOVE_PATH_N_HOPS]);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ClovePathDiversity, clove_path_diversity_clear)

G_END_DECLS
