/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many failures in a row condemn a circuit. */
#define CLOVE_STRIKES_MAX 3u

/* An exit that answers so many requests in a row, to so many different sites, with "cannot reach"
 * gets a strike for it. */
#define CLOVE_STRIKES_SITE_ERRORS 5
#define CLOVE_STRIKES_SITE_HOSTS  3

/**
 * CloveStrikes:
 *
 * Counts the failures in a row of one circuit. Pure: told what happened and when. Starts zeroed for
 * each new circuit, so strikes of an old one never count against a new one.
 */
typedef struct {
  /*< private >*/
  guint count;
  gint64 struck_us;                             /* when the last strike was recorded */
  guint site_errors[CLOVE_STRIKES_SITE_ERRORS]; /* hashes of hosts, a ring */
  guint n_site_errors;
} CloveStrikes;

gboolean clove_strikes_fail (CloveStrikes *self, gint64 began_us, gint64 now_us);
void clove_strikes_prove_alive (CloveStrikes *self);
void clove_strikes_succeed (CloveStrikes *self);
gboolean clove_strikes_site_error (CloveStrikes *self,
                                   const char *host,
                                   gint64 began_us,
                                   gint64 now_us);
guint clove_strikes_get_count (const CloveStrikes *self);
void clove_strikes_reset (CloveStrikes *self);

G_END_DECLS
