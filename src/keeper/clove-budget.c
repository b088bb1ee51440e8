/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bucket that holds a few rebuilds and gets another one every five minutes, so that no hour has
 * more than CLOVE_BUDGET_PER_HOUR, and nobody waits for longer than five minutes; a plain count per
 * hour would leave a dead circuit for most of it, though all is well again.
 */
#include "config.h"

#include "clove-budget.h"

#define FIRST_PAUSE_US   (5 * G_TIME_SPAN_SECOND)
#define LONGEST_PAUSE_US (300 * G_TIME_SPAN_SECOND)

#define REFILL_US (5 * G_TIME_SPAN_MINUTE)
#define CAPACITY  8

G_STATIC_ASSERT (CAPACITY + 12 == CLOVE_BUDGET_PER_HOUR);

/** clove_budget_init: Begin with nothing spent. */
void
clove_budget_init (CloveBudget *self)
{
  *self = (CloveBudget){ .full_at_us = G_MININT64 };
  for (guint i = 0; i < G_N_ELEMENTS (self->times_us); i++)
    self->times_us[i] = G_MININT64;
  clove_backoff_init (&self->backoff, FIRST_PAUSE_US, LONGEST_PAUSE_US);
}

static guint
count_minute (const CloveBudget *self, gint64 now_us)
{
  guint n = 0;

  /* A place that was never filled holds a time long past. */
  for (guint i = 0; i < G_N_ELEMENTS (self->times_us); i++)
    n += self->times_us[i] > now_us - G_TIME_SPAN_MINUTE ? 1 : 0;
  return n;
}

static guint
count_bucket (const CloveBudget *self, gint64 now_us)
{
  gint64 missing_us = MAX (self->full_at_us, now_us) - now_us;

  return CAPACITY - (guint) ((missing_us + REFILL_US - 1) / REFILL_US);
}

/** clove_budget_get_left: Get how many rebuilds are allowed now. */
guint
clove_budget_get_left (const CloveBudget *self, gint64 now_us)
{
  if (now_us < self->blocked_until_us)
    return 0;
  return MIN (CLOVE_BUDGET_PER_MINUTE - count_minute (self, now_us), count_bucket (self, now_us));
}

/**
 * clove_budget_get_wait_us:
 * @self: a budget
 * @now_us: the time
 * @random: spreads the pauses
 *
 * Ask for a rebuild. A budget that is used up answers with a pause that is longer each time, up to
 * five minutes; asking again before it is over gives what is left of it.
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
    if (count_minute (self, now_us) == 0)
      clove_backoff_reset (&self->backoff);
    return 0;
  }
  self->blocked_until_us = now_us + clove_backoff_next_us (&self->backoff, random);
  if (count_bucket (self, now_us) == 0)
    self->blocked_until_us =
      MIN (self->blocked_until_us, self->full_at_us - (CAPACITY - 1) * REFILL_US);
  return self->blocked_until_us - now_us;
}

/** clove_budget_refund: The last rebuild took nothing from any relay. Harmless after none. */
void
clove_budget_refund (CloveBudget *self)
{
  if (self->n_rebuilds == 0)
    return;
  self->times_us[--self->n_rebuilds % CLOVE_BUDGET_PER_MINUTE] = G_MININT64;
  self->full_at_us -= REFILL_US;
}

/** clove_budget_spend: Record that a rebuild began. */
void
clove_budget_spend (CloveBudget *self, gint64 now_us)
{
  self->times_us[self->n_rebuilds++ % CLOVE_BUDGET_PER_MINUTE] = now_us;
  self->full_at_us = MAX (self->full_at_us, now_us) + REFILL_US;
}
