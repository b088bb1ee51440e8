/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-strikes.h"

/** clove_strikes_get_mark: Get what a request that begins now shows when it fails. */
guint64
clove_strikes_get_mark (const CloveStrikes *self)
{
  return self->n_recorded;
}

/**
 * clove_strikes_fail:
 * @self: the strikes of a circuit
 * @mark: what clove_strikes_get_mark() gave when the request that failed began
 *
 * Record a failure. A circuit that is condemned already gets no further strikes.
 *
 * Returns: whether it was a strike
 */
gboolean
clove_strikes_fail (CloveStrikes *self, guint64 mark)
{
  if (mark != self->n_recorded || self->count == CLOVE_STRIKES_MAX)
    return FALSE;
  self->n_recorded++;
  self->count++;
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
  self->count = 0;
  self->n_site_errors = 0;
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
 * @mark: what the request got when it began
 *
 * Record that the exit answered, but not with a page. That proves that the circuit lives, unless
 * the last %CLOVE_STRIKES_SITE_ERRORS requests all ended so: then it is one strike.
 *
 * Returns: whether it was a strike
 */
gboolean
clove_strikes_site_error (CloveStrikes *self, const char *host, guint64 mark)
{
  self->site_errors[self->n_site_errors % CLOVE_STRIKES_SITE_ERRORS] = g_str_hash (host);
  self->n_site_errors++;
  if (self->n_site_errors < CLOVE_STRIKES_SITE_ERRORS || !are_hosts_varied (self)) {
    clove_strikes_prove_alive (self);
    return FALSE;
  }
  self->n_site_errors = 0;
  return clove_strikes_fail (self, mark);
}

/** clove_strikes_get_count: Get the number of strikes, at most %CLOVE_STRIKES_MAX. */
guint
clove_strikes_get_count (const CloveStrikes *self)
{
  return self->count;
}

/** clove_strikes_reset: Forget the failures, for a new circuit or after a rebuild that failed. */
void
clove_strikes_reset (CloveStrikes *self)
{
  clove_strikes_succeed (self);
}
