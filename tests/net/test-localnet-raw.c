/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-localnet-raw.h"

#include <string.h>

/** raw_is_done: A TestCondition on a gboolean. */
gboolean
raw_is_done (gpointer user_data)
{
  return *(gboolean *) user_data;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_assert_true (clove_adnl_session_open_finish (CLOVE_ADNL_SESSION (source), result, NULL));
  *(gboolean *) user_data = TRUE;
}

/** raw_dial: (transfer full): Dial relay @relay, counted from 1; nothing is sent yet. */
CloveAdnlSession *
raw_dial (TestNet *net, guint relay)
{
  CloveLocalRelay *target = test_net_get_relay (net, relay);

  return clove_adnl_endpoint_connect (net->endpoint, clove_local_relay_get_key (target),
                                      clove_local_relay_get_address (target), NULL);
}

/** raw_dial_and_open: (transfer full): Dial and wait for the channel. */
CloveAdnlSession *
raw_dial_and_open (TestNet *net, guint relay)
{
  CloveAdnlSession *session = raw_dial (net, relay);
  gboolean is_open = FALSE;

  clove_adnl_session_open_async (session, G_USEC_PER_SEC, NULL, on_opened, &is_open);
  test_loop_run_until (net->clock, raw_is_done, &is_open);
  return session;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RawQuestion *question = user_data;
  gsize size = 0;
  const guint8 *data = NULL;

  question->is_done = TRUE;
  question->answer =
    clove_adnl_session_query_finish (CLOVE_ADNL_SESSION (source), result, NULL);
  if (question->answer == NULL)
    return;
  data = g_bytes_get_data (question->answer, &size);
  g_assert_true (clove_relay_message_parse (&question->message, data, size, NULL));
}

/** raw_begin: Ask; the query is sent again up to @n_copies times, quickly. */
void
raw_begin (CloveAdnlSession *session,
           const CloveRelayMessage *message,
           guint n_copies,
           RawQuestion *question)
{
  guint8 buffer[4096];
  CloveWriter writer = { 0 };
  g_autoptr (GBytes) query = NULL;
  CloveAdnlQueryPolicy policy = {
    .deadline_us = 60 * G_USEC_PER_SEC,
    .resend_after_us = 250 * G_TIME_SPAN_MILLISECOND,
    .max_resends = n_copies,
  };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  query = g_bytes_new (buffer, clove_writer_get_size (&writer));
  clove_adnl_session_query_async (session, query, &policy, NULL, on_answered, question);
}

/** raw_ask: Ask once and wait for the answer, or for the end of hope. */
void
raw_ask (TestNet *net,
         CloveAdnlSession *session,
         const CloveRelayMessage *message,
         RawQuestion *question)
{
  g_clear_pointer (&question->answer, g_bytes_unref);
  *question = (RawQuestion){ 0 };
  raw_begin (session, message, 0, question);
  test_loop_run_until (net->clock, raw_is_done, &question->is_done);
}

/** raw_create: Make a circuit at the relay of @session, with the key in @hop. */
void
raw_create (TestNet *net, CloveAdnlSession *session, const guint8 *id, RawHop *hop)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
    .id = id,
    .key = hop->public_key,
  };
  RawQuestion question = { 0 };
  guint8 hash[CLOVE_INT256_SIZE];

  clove_onion_keypair (hop->public_key, hop->secret);
  raw_ask (net, session, &message, &question);
  g_assert_cmpint (question.message.type, ==, CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED);
  g_assert_cmpmem (question.message.id, CLOVE_INT256_SIZE, id, CLOVE_INT256_SIZE);
  g_assert_true (clove_onion_agree (hop->key, hop->secret, question.message.key));
  clove_onion_key_hash (hash, hop->key);
  g_assert_cmpmem (question.message.key_hash, sizeof hash, hash, sizeof hash);
  g_bytes_unref (question.answer);
}

/** raw_seal: Seal @plain for @hop into @out. */
gsize
raw_seal (const RawHop *hop, const guint8 *plain, gsize size, guint8 *out)
{
  memcpy (out + CLOVE_ONION_NONCE_SIZE, plain, size);
  clove_onion_seal (out, size, hop->key);
  return size + CLOVE_ONION_OVERHEAD;
}

/** raw_seal_extend: Seal what extends a circuit to @address. */
gsize
raw_seal_extend (const RawHop *hop, const char *address, guint8 *out)
{
  guint8 plain[512];
  RawHop next = { 0 };
  CloveWriter writer = { 0 };

  clove_onion_keypair (next.public_key, next.secret);
  clove_writer_init (&writer, plain, sizeof plain);
  clove_onion_extend_payload_write (&writer, address, next.public_key);
  return raw_seal (hop, plain, clove_writer_get_size (&writer), out);
}

/** raw_assert_error: The answer is relay.error with @code and a text that begins with @text. */
void
raw_assert_error (const RawQuestion *question, gint32 code, const char *text)
{
  g_assert_nonnull (question->answer);
  g_assert_cmpint (question->message.type, ==, CLOVE_RELAY_MESSAGE_ERROR);
  g_assert_cmpint (question->message.number, ==, code);
  g_assert_cmpmem (question->message.data, MIN (question->message.data_size, strlen (text)), text,
                   strlen (text));
}
