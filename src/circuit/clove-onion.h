/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_ONION_KEY_SIZE   32
#define CLOVE_ONION_NONCE_SIZE 12
/* What one layer adds: nonce before, tag behind. */
#define CLOVE_ONION_OVERHEAD   28

void clove_onion_keypair (guint8 public_out[static CLOVE_ONION_KEY_SIZE],
                          guint8 secret_out[static CLOVE_ONION_KEY_SIZE]);
gboolean clove_onion_agree (guint8 key_out[static CLOVE_ONION_KEY_SIZE],
                            const guint8 secret[static CLOVE_ONION_KEY_SIZE],
                            const guint8 peer_public[static CLOVE_ONION_KEY_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;
void clove_onion_key_hash (guint8 hash_out[static CLOVE_INT256_SIZE],
                           const guint8 key[static CLOVE_ONION_KEY_SIZE]);

void clove_onion_seal (guint8 *payload,
                       gsize plain_size,
                       const guint8 key[static CLOVE_ONION_KEY_SIZE]);
void clove_onion_seal_layers (guint8 *payload,
                              gsize plain_size,
                              const guint8 (*keys)[CLOVE_ONION_KEY_SIZE],
                              gsize n_layers);
guint8 *clove_onion_open (guint8 *payload,
                          gsize size,
                          const guint8 key[static CLOVE_ONION_KEY_SIZE],
                          gsize *plain_size_out) G_GNUC_WARN_UNUSED_RESULT;

gboolean clove_onion_open_to (guint8 *plain_out,
                              const guint8 *payload,
                              gsize size,
                              const guint8 key[static CLOVE_ONION_KEY_SIZE])
  G_GNUC_WARN_UNUSED_RESULT;

/* Longest "ip:port" or "name:port" of an extend payload that we accept. */
#define CLOVE_ONION_MAX_ADDRESS_SIZE    255
#define CLOVE_ONION_ADDRESS_STRING_SIZE (CLOVE_ONION_MAX_ADDRESS_SIZE + 1)

gsize clove_onion_extend_payload_write (CloveWriter *writer,
                                        const char *address,
                                        const guint8 client_key[static CLOVE_ONION_KEY_SIZE]);
gboolean clove_onion_extend_payload_parse (const guint8 *data,
                                           gsize size,
                                           char address_out[static CLOVE_ONION_ADDRESS_STRING_SIZE],
                                           const guint8 **client_key_out)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
