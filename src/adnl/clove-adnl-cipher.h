/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-key.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_CHECKSUM_SIZE 32

void clove_adnl_cipher_checksum (guint8 checksum_out[static CLOVE_CHECKSUM_SIZE],
                                 const guint8 *data,
                                 gsize size);
void clove_adnl_cipher_apply (guint8 *data,
                              gsize size,
                              const guint8 key[static CLOVE_KEY_SIZE],
                              const guint8 checksum[static CLOVE_CHECKSUM_SIZE]);

G_END_DECLS
