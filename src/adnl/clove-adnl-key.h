/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-error.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_KEY_SIZE    32
#define CLOVE_KEY_ID_SIZE 32

/**
 * CloveAdnlIdentity:
 *
 * An ed25519 key pair with the id that ADNL derives from it; the secret half lives in wiped memory.
 * Immutable and reference counted.
 */
typedef struct _CloveAdnlIdentity CloveAdnlIdentity;

CloveAdnlIdentity *clove_adnl_identity_new (void) G_GNUC_WARN_UNUSED_RESULT;
CloveAdnlIdentity *clove_adnl_identity_new_from_seed (const guint8 seed[static CLOVE_KEY_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
CloveAdnlIdentity *clove_adnl_identity_ref (CloveAdnlIdentity *self);
void clove_adnl_identity_unref (CloveAdnlIdentity *self);

const guint8 *clove_adnl_identity_get_key (const CloveAdnlIdentity *self);
const guint8 *clove_adnl_identity_get_id (const CloveAdnlIdentity *self);
gboolean clove_adnl_identity_agree (const CloveAdnlIdentity *self,
                                    const guint8 peer_key[static CLOVE_KEY_SIZE],
                                    guint8 shared_out[static CLOVE_KEY_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_identity_sign (const CloveAdnlIdentity *self,
                               const guint8 *data,
                               gsize size,
                               guint8 signature_out[static 64]);

void clove_adnl_key_id (guint8 id_out[static CLOVE_KEY_ID_SIZE],
                        const guint8 key[static CLOVE_KEY_SIZE]);
void clove_adnl_channel_id (guint8 id_out[static CLOVE_KEY_ID_SIZE],
                            const guint8 key[static CLOVE_KEY_SIZE]);
void clove_adnl_channel_keys (const guint8 shared[static CLOVE_KEY_SIZE],
                              const guint8 our_id[static CLOVE_KEY_ID_SIZE],
                              const guint8 peer_id[static CLOVE_KEY_ID_SIZE],
                              guint8 send_key_out[static CLOVE_KEY_SIZE],
                              guint8 receive_key_out[static CLOVE_KEY_SIZE]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveAdnlIdentity, clove_adnl_identity_unref)

G_END_DECLS
