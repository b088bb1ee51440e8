/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-endpoint.h"
#include "clove-onion.h"
#include "clove-relay-message.h"
#include "test-net.h"

G_BEGIN_DECLS

/**
 * RawHop: A client's side of one hop.
 */
typedef struct {
  guint8 public_key[CLOVE_ONION_KEY_SIZE];
  guint8 secret[CLOVE_ONION_KEY_SIZE];
  guint8 key[CLOVE_ONION_KEY_SIZE];
} RawHop;

/**
 * RawQuestion: A query under way; @answer is %NULL when there was none.
 */
typedef struct {
  GBytes *answer;
  CloveRelayMessage message;
  gboolean is_done;
} RawQuestion;

gboolean raw_is_done (gpointer user_data);
CloveAdnlSession *raw_dial (TestNet *net, guint relay);
CloveAdnlSession *raw_dial_and_open (TestNet *net, guint relay);
void raw_begin (CloveAdnlSession *session,
                const CloveRelayMessage *message,
                guint n_copies,
                RawQuestion *question);
void raw_ask (TestNet *net,
              CloveAdnlSession *session,
              const CloveRelayMessage *message,
              RawQuestion *question);
void raw_create (TestNet *net, CloveAdnlSession *session, const guint8 *id, RawHop *hop);
gsize raw_seal (const RawHop *hop, const guint8 *plain, gsize size, guint8 *out);
gsize raw_seal_extend (const RawHop *hop, const char *address, guint8 *out);
void raw_assert_error (const RawQuestion *question, gint32 code, const char *text);

G_END_DECLS
