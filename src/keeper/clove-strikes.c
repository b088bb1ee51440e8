/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-strikes.h"

/**
 * clove_strikes_fail:
 * @self: the strikes of a circuit
 * @began_us: when the request that failed began
 * @now_us: the time
 *
 * Record a failure. One whose request began before the last strike was recorded is part of the same
 * mishap: a page with twenty dead pictures is one strike.
 *
 * Returns: whether it was a strike
 */
gboolean
clove_strikes_fail (CloveStrikes *self, gint64 began_us, gint64 now_us)
{
  if (self->count > 0 && began_us <= self->struck_us)
    return FALSE;
  if (self->count < CLOVE_STRIKES_MAX)
    self->count++;
  self->struck_us = now_us;
  return TRUE;
}

/** clove_strikes_prove_alive: Record that the exit answered, whatever it said. */
void
clove_strikes_prove_alive (CloveStrikes *self)
{
  self->count = 0;
}

/** clove_strikes_succeed: Record that a site answered through the exit. */
void
clove_strikes_succeed (CloveStrikes *self)
{
  clove_strikes_reset (self);
}

/* Whether the last site errors came from enough different hosts. */
static gboolean
are_hosts_varied (const CloveStrikes *self)
{
  guint n_different = 0;

  for (guint i = 0; i < CLOVE_STRIKES_SITE_ERRORS; i++) {
    gboolean is_repeated = FALSE;

    for (guint j = 0; j < i; j++)
      is_repeated |= self->site_errors[j] == self->site_errors[i];
    n_different += is_repeated ? 0 : 1;
  }
  return n_different >= CLOVE_STRIKES_SITE_HOSTS;
}

/**
 * clove_strikes_site_error:
 * @self: the strikes of a circuit
 * @host: the site that the exit could not reach
 * @began_us: when the request began
 * @now_us: the time
 *
 * Record that the exit answered, but not with a page. That proves that the circuit lives, unless
 * the last %CLOVE_STRIKES_SITE_ERRORS requests all ended so: then it is one strike.
 *
 * Returns: whether it was a strike
 */
gboolean
clove_strikes_site_error (CloveStrikes *self, const char *host, gint64 began_us, gint64 now_us)
{
  self->site_errors[self->n_site_errors % CLOVE_STRIKES_SITE_ERRORS] = g_str_hash (host);
  self->n_site_errors++;
  if (self->n_site_errors < CLOVE_STRIKES_SITE_ERRORS || !are_hosts_varied (self)) {
    clove_strikes_prove_alive (self);
    return FALSE;
  }
  self->n_site_errors = 0;
  return clove_strikes_fail (self, began_us, now_us);
}

/** clove_strikes_get_count: Get the number of strikes, at most %CLOVE_STRIKES_MAX. */
guint
clove_strikes_get_count (const CloveStrikes *self)
{
  return self->count;
}

/** clove_strikes_reset: Begin anew, for a new circuit or after a rebuild that failed. */
void
clove_strikes_reset (CloveStrikes *self)
{
  *self = (CloveStrikes){ 0 };
}
