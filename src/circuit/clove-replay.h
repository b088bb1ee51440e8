/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveReplay:
 *
 * Remembers the last 8192 to 16384 sealed messages by their nonce, so that one that comes twice is
 * taken once. Pure; 256 KiB once used.
 */
typedef struct _CloveReplay CloveReplay;

CloveReplay *clove_replay_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_replay_free (CloveReplay *self);

gboolean clove_replay_accept (CloveReplay *self, const guint8 *nonce) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveReplay, clove_replay_free)

G_END_DECLS
