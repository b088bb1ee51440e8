/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-cipher.h"
#include "clove-adnl-key.h"

#include <glib.h>

G_BEGIN_DECLS

/* What precedes the sealed contents: receiver id, sender key, checksum. */
#define CLOVE_ADNL_ROOT_HEADER_SIZE    96
/* Channel id and checksum. */
#define CLOVE_ADNL_CHANNEL_HEADER_SIZE 64

/* The largest datagram that is built or taken; a full part needs 1192 bytes. */
#define CLOVE_ADNL_MAX_DATAGRAM_SIZE 2048

void clove_adnl_datagram_seal_root (guint8 *datagram,
                                    gsize contents_size,
                                    const guint8 receiver_id[static CLOVE_KEY_ID_SIZE],
                                    const guint8 sender_key[static CLOVE_KEY_SIZE],
                                    const guint8 shared[static CLOVE_KEY_SIZE]);
void clove_adnl_datagram_seal_channel (guint8 *datagram,
                                       gsize contents_size,
                                       const guint8 channel_id[static CLOVE_KEY_ID_SIZE],
                                       const guint8 key[static CLOVE_KEY_SIZE]);

const guint8 *clove_adnl_datagram_peek_id (const guint8 *datagram, gsize size);
const guint8 *clove_adnl_datagram_peek_sender (const guint8 *datagram, gsize size);
guint8 *clove_adnl_datagram_open_root (guint8 *datagram,
                                       gsize size,
                                       const guint8 shared[static CLOVE_KEY_SIZE],
                                       gsize *contents_size_out,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
guint8 *clove_adnl_datagram_open_channel (guint8 *datagram,
                                          gsize size,
                                          const guint8 key[static CLOVE_KEY_SIZE],
                                          gsize *contents_size_out,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
