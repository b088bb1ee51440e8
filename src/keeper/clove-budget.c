/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-budget.h"

#define FIRST_PAUSE_US   (5 * G_TIME_SPAN_SECOND)
#define LONGEST_PAUSE_US (300 * G_TIME_SPAN_SECOND)

/** clove_budget_init: Begin with nothing spent. */
void
clove_budget_init (CloveBudget *self)
{
  *self = (CloveBudget){ 0 };
  for (guint i = 0; i < G_N_ELEMENTS (self->times_us); i++)
    self->times_us[i] = G_MININT64;
  clove_backoff_init (&self->backoff, FIRST_PAUSE_US, LONGEST_PAUSE_US);
}

static guint
count_since (const CloveBudget *self, gint64 since_us)
{
  guint n = 0;

  /* A place that was never filled holds a time long past. */
  for (guint i = 0; i < G_N_ELEMENTS (self->times_us); i++)
    n += self->times_us[i] > since_us ? 1 : 0;
  return n;
}

/** clove_budget_get_left: Get how many rebuilds are allowed now. */
guint
clove_budget_get_left (const CloveBudget *self, gint64 now_us)
{
  guint in_minute = count_since (self, now_us - G_TIME_SPAN_MINUTE);
  guint in_hour = count_since (self, now_us - G_TIME_SPAN_HOUR);

  if (now_us < self->blocked_until_us)
    return 0;
  return MIN (CLOVE_BUDGET_PER_MINUTE - MIN (in_minute, CLOVE_BUDGET_PER_MINUTE),
              CLOVE_BUDGET_PER_HOUR - MIN (in_hour, CLOVE_BUDGET_PER_HOUR));
}

/**
 * clove_budget_get_wait_us:
 * @self: a budget
 * @now_us: the time
 * @random: spreads the pauses
 *
 * Ask for a rebuild. A budget that is used up answers with a pause that is longer each time; asking
 * again before it is over gives what is left of it.
 *
 * Returns: 0 when a rebuild is allowed now, else how long to wait before asking again
 */
gint64
clove_budget_get_wait_us (CloveBudget *self, gint64 now_us, CloveRandom *random)
{
  if (now_us < self->blocked_until_us)
    return self->blocked_until_us - now_us;
  if (clove_budget_get_left (self, now_us) > 0) {
    /* A minute without any rebuild ends the row of pauses. */
    if (count_since (self, now_us - G_TIME_SPAN_MINUTE) == 0)
      clove_backoff_reset (&self->backoff);
    return 0;
  }
  self->blocked_until_us = now_us + clove_backoff_next_us (&self->backoff, random);
  return self->blocked_until_us - now_us;
}

/** clove_budget_spend: Record that a rebuild began. */
void
clove_budget_spend (CloveBudget *self, gint64 now_us)
{
  self->times_us[self->n_rebuilds++ % CLOVE_BUDGET_PER_HOUR] = now_us;
}
