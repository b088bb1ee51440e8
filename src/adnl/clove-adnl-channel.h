/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-key.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveAdnlChannel:
 *
 * The key pair that one side contributes to a channel and, once the other side's key is known, the
 * keys and ids of both directions.
 */
typedef struct _CloveAdnlChannel CloveAdnlChannel;

CloveAdnlChannel *clove_adnl_channel_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_channel_free (CloveAdnlChannel *self);

gboolean clove_adnl_channel_complete (CloveAdnlChannel *self,
                                      const guint8 peer_channel_key[static CLOVE_KEY_SIZE],
                                      const guint8 our_id[static CLOVE_KEY_ID_SIZE],
                                      const guint8 peer_id[static CLOVE_KEY_ID_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_adnl_channel_is_complete (const CloveAdnlChannel *self);

const guint8 *clove_adnl_channel_get_key (const CloveAdnlChannel *self);
const guint8 *clove_adnl_channel_get_peer_key (const CloveAdnlChannel *self);
const guint8 *clove_adnl_channel_get_send_id (const CloveAdnlChannel *self);
const guint8 *clove_adnl_channel_get_receive_id (const CloveAdnlChannel *self);
const guint8 *clove_adnl_channel_peek_send_key (const CloveAdnlChannel *self);
const guint8 *clove_adnl_channel_peek_receive_key (const CloveAdnlChannel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveAdnlChannel, clove_adnl_channel_free)

G_END_DECLS
