/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far behind the newest a datagram may come in; relays send in no order within a burst. */
#define CLOVE_ADNL_WINDOW_SIZE 2048

/**
 * CloveAdnlWindow:
 *
 * Remembers which sequence numbers of a peer were seen, against replays. Plain value.
 */
typedef struct {
  /*< private >*/
  gint64 highest;
  guint64 seen[CLOVE_ADNL_WINDOW_SIZE / 64];
} CloveAdnlWindow;

void clove_adnl_window_reset (CloveAdnlWindow *self);
gboolean clove_adnl_window_accept (CloveAdnlWindow *self, gint64 seqno) G_GNUC_WARN_UNUSED_RESULT;
gint64 clove_adnl_window_get_highest (const CloveAdnlWindow *self);

G_END_DECLS
