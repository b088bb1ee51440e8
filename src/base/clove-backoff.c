/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-backoff.h"

#define SPREAD 0.25

/** clove_backoff_init: Begin with a delay of @first_us and never exceed @ceiling_us. */
void
clove_backoff_init (CloveBackoff *self, gint64 first_us, gint64 ceiling_us)
{
  g_return_if_fail (first_us > 0 && ceiling_us >= first_us);

  self->first_us = first_us;
  self->ceiling_us = ceiling_us;
  self->next_us = first_us;
}

/** clove_backoff_reset: Begin with the first delay again, after a success. */
void
clove_backoff_reset (CloveBackoff *self)
{
  self->next_us = self->first_us;
}

/** clove_backoff_next_us: Get the delay before the next try, in microseconds, and lengthen it. */
gint64
clove_backoff_next_us (CloveBackoff *self, CloveRandom *random)
{
  gdouble factor = 1.0 + SPREAD * (2.0 * clove_random_unit (random) - 1.0);
  /* Below the ceiling by the spread, so that the longest delays are spread, too. */
  gint64 longest_us = (gint64) ((gdouble) self->ceiling_us / (1.0 + SPREAD));
  gint64 middle_us = MIN (self->next_us, longest_us);

  self->next_us = MIN (self->next_us * 2, self->ceiling_us);
  return (gint64) ((gdouble) middle_us * factor);
}
