/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relay objects: what is taken must be written as the same bytes, but for padding. */
#include "config.h"

#include "fuzz.h"

#include "clove-relay-message.h"

#include <string.h>

#define MAX_PADDING 3

static void
assert_same_32 (const guint8 *a, const guint8 *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL)
    g_assert_cmpmem (a, CLOVE_INT256_SIZE, b, CLOVE_INT256_SIZE);
}

static void
assert_same (const CloveRelayMessage *a, const CloveRelayMessage *b)
{
  g_assert_cmpint (a->type, ==, b->type);
  assert_same_32 (a->id, b->id);
  assert_same_32 (a->key, b->key);
  assert_same_32 (a->key_hash, b->key_hash);
  g_assert_cmpmem (a->data, a->data_size, b->data, b->data_size);
  g_assert_cmpint (a->stream_id, ==, b->stream_id);
  g_assert_cmpint (a->number, ==, b->number);
  g_assert_cmpint (a->number2, ==, b->number2);
  g_assert_cmpint (a->value, ==, b->value);
  g_assert_cmpint (a->is_success, ==, b->is_success);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CloveRelayMessage message = { 0 };
  CloveRelayMessage again = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *buffer = NULL;
  CloveWriter writer = { 0 };
  gsize written_size = 0;

  if (!clove_relay_message_parse (&message, data, size, &error)) {
    g_assert_nonnull (error);
    return 0;
  }
  g_assert_no_error (error);
  written_size = clove_relay_message_size (&message);
  g_assert_cmpuint (written_size, >=, size);
  g_assert_cmpuint (written_size, <=, size + MAX_PADDING);
  buffer = g_malloc (written_size);
  clove_writer_init (&writer, buffer, written_size);
  clove_relay_message_write (&writer, &message);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, written_size);
  g_assert_true (clove_relay_message_parse (&again, buffer, written_size, &error));
  g_assert_no_error (error);
  /* Of relay.peers the entries are kept as they came, padding included. */
  assert_same (&again, &message);
  return 0;
}
