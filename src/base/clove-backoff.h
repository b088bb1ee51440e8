/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-random.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveBackoff:
 *
 * Growing delays between tries: each is twice the one before up to a ceiling, spread by +-25 % so
 * that many clients do not come back at once. Plain value.
 */
typedef struct {
  /*< private >*/
  gint64 first_us;
  gint64 ceiling_us;
  gint64 next_us;
} CloveBackoff;

void clove_backoff_init (CloveBackoff *self, gint64 first_us, gint64 ceiling_us);
void clove_backoff_reset (CloveBackoff *self);
gint64 clove_backoff_next_us (CloveBackoff *self, CloveRandom *random);

G_END_DECLS
