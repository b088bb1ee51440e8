/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-ban.h"
#include "clove-clock.h"
#include "clove-relay-list.h"

#include <glib.h>

G_BEGIN_DECLS

/* How long a relay that failed is left out, counted from its last failure. */
#define CLOVE_BLACKLIST_BAN_US   (G_GINT64_CONSTANT (300) * G_USEC_PER_SEC)
#define CLOVE_BLACKLIST_MAX_BANS 10000

/**
 * CloveBlacklist:
 *
 * The addresses of relays that failed, each for five minutes from its failure. Expiry is by time
 * alone: nothing fires, a ban just stops being one.
 *
 * Any thread may call anything on a list that it has a reference of; the clock must then be a real
 * one. The thread of the clock makes the list and drops its last reference.
 */
typedef struct _CloveBlacklist CloveBlacklist;

CloveBlacklist *clove_blacklist_new (CloveClock *clock) G_GNUC_WARN_UNUSED_RESULT;
CloveBlacklist *clove_blacklist_ref (CloveBlacklist *self);
void clove_blacklist_unref (CloveBlacklist *self);

void clove_blacklist_mark_failed (CloveBlacklist *self,
                                  const CloveAddress *address,
                                  const char *reason);
void clove_blacklist_mark_success (CloveBlacklist *self, const CloveAddress *address);

void clove_blacklist_ban_until_cleared (CloveBlacklist *self,
                                        const CloveAddress *address,
                                        const char *reason);
void clove_blacklist_clear (CloveBlacklist *self, const CloveAddress *address);
void clove_blacklist_clear_all (CloveBlacklist *self);
void clove_blacklist_restore (CloveBlacklist *self,
                              const CloveAddress *address,
                              gint64 left_us,
                              const char *reason);

gboolean clove_blacklist_is_blacklisted (CloveBlacklist *self, const CloveAddress *address);
gint64 clove_blacklist_get_since_us (CloveBlacklist *self, const CloveAddress *address);
gint64 clove_blacklist_get_left_us (CloveBlacklist *self, const CloveAddress *address);
char *clove_blacklist_get_reason (CloveBlacklist *self, const CloveAddress *address)
  G_GNUC_WARN_UNUSED_RESULT;

guint clove_blacklist_get_n_bans (CloveBlacklist *self);
GPtrArray *clove_blacklist_list (CloveBlacklist *self) G_GNUC_WARN_UNUSED_RESULT;
guint clove_blacklist_get_avoided (CloveBlacklist *self,
                                   CloveRelayList *relays,
                                   gint64 *avoided_since_us_out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBlacklist, clove_blacklist_unref)

G_END_DECLS
