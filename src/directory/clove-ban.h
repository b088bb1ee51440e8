/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

/* Most bytes of a reason; what is longer is cut. */
#define CLOVE_BAN_MAX_REASON_SIZE 160
/* The time left of a ban that only the user ends. */
#define CLOVE_BAN_FOR_EVER_US     G_MAXINT64

/**
 * CloveBan:
 * @address: whose
 * @since_us: when it began, on the clock; positive
 * @left_us: how long it still lasts; positive; %CLOVE_BAN_FOR_EVER_US if @is_permanent
 * @reason: (transfer full): why, for people; may be empty
 * @is_permanent: it is the user's, and lasts until the user ends it
 *
 * A ban as it was when asked for.
 */
typedef struct {
  CloveAddress address;
  gint64 since_us;
  gint64 left_us;
  char *reason;
  gboolean is_permanent;
} CloveBan;

char *clove_ban_clean_reason (const char *reason) G_GNUC_WARN_UNUSED_RESULT;
CloveBan *clove_ban_copy (const CloveBan *self) G_GNUC_WARN_UNUSED_RESULT;
void clove_ban_free (CloveBan *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveBan, clove_ban_free)

G_END_DECLS
