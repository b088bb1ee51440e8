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
 * Counts the failures in a row of one circuit. Pure: told what happened. Starts zeroed for each new
 * circuit, so strikes of an old one never count against a new one.
 *
 * A request takes a mark when it begins, and shows it when it fails: its failure counts only if no
 * strike was recorded in between. A page with twenty dead pictures is one strike.
 */
typedef struct {
  /*< private >*/
  guint count;
  guint64 n_recorded;                           /* all there ever were */
  guint site_errors[CLOVE_STRIKES_SITE_ERRORS]; /* hashes of hosts, a ring */
  guint n_site_errors;
} CloveStrikes;

guint64 clove_strikes_get_mark (const CloveStrikes *self);
gboolean clove_strikes_fail (CloveStrikes *self, guint64 mark);
void clove_strikes_prove_alive (CloveStrikes *self);
void clove_strikes_succeed (CloveStrikes *self);
gboolean clove_strikes_site_error (CloveStrikes *self, const char *host, guint64 mark);
guint clove_strikes_get_count (const CloveStrikes *self);
void clove_strikes_reset (CloveStrikes *self);

G_END_DECLS
