/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

/* The moment at which all of them were taken. */
#define MADE_NOW_US (G_GINT64_CONSTANT (1000) * G_TIME_SPAN_SECOND)

/**
 * MadeSnapshot:
 * @name: for tests and for the names of pictures
 * @make: (transfer full): makes it
 *
 * Every state that the window must show, made by hand.
 */
typedef struct {
  const char *name;
  CloveSnapshot *(*make) (void);
} MadeSnapshot;

extern const MadeSnapshot made_snapshots[];
extern const guint n_made_snapshots;

CloveSnapshot *made_snapshot (const char *name) G_GNUC_WARN_UNUSED_RESULT;
CloveSnapshot *made_snapshot_of_many (guint n_relays) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
