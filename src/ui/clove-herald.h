/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

G_BEGIN_DECLS

/* A shorter outage heals before anybody has read of it. */
#define CLOVE_HERALD_PATIENCE_US (20 * G_TIME_SPAN_SECOND)

/**
 * CloveNews:
 * @CLOVE_NEWS_NONE: say nothing
 * @CLOVE_NEWS_LOST: TON sites have not been within reach for a while
 * @CLOVE_NEWS_NEEDS_USER: nothing will get better by itself
 * @CLOVE_NEWS_FOUND: they are within reach again, which ends what was said before
 * @CLOVE_NEWS_OVER: what was said before no longer matters; take it back in silence
 */
typedef enum {
  CLOVE_NEWS_NONE,
  CLOVE_NEWS_LOST,
  CLOVE_NEWS_NEEDS_USER,
  CLOVE_NEWS_FOUND,
  CLOVE_NEWS_OVER,
} CloveNews;

/**
 * CloveHerald:
 *
 * Decides when to disturb the user: once in an outage that lasts or that only the user can end, and
 * once when it is over; never while the user looks at the window. It has no clock and sends
 * nothing. Plain value; all zero is a herald that has seen nothing.
 */
typedef struct {
  /*< private >*/
  gint64 since_us;        /* of the outage; 0 without one */
  gboolean is_told;       /* of the outage, by a notification */
  gboolean is_seen;       /* of the outage, in the window */
  gboolean was_desperate; /* only the user can end it */
} CloveHerald;

CloveNews clove_herald_step (CloveHerald *self,
                             CloveEngineState state,
                             gboolean has_trouble,
                             gboolean is_focused,
                             gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
gint64 clove_herald_get_due_us (const CloveHerald *self);

G_END_DECLS
