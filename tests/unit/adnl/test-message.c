/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-message.h"
#include "clove-random.h"

#include <string.h>

#define N_TYPES (CLOVE_ADNL_MESSAGE_PONG + 1)

typedef struct {
  guint8 id[CLOVE_INT256_SIZE];
  guint8 peer_key[CLOVE_INT256_SIZE];
  guint8 data[CLOVE_ADNL_MAX_JOINED_SIZE];
} Storage;

static void
fill_part (CloveAdnlMessage *message, CloveRandom *random)
{
  message->data_size = 1 + clove_random_uniform (random, CLOVE_ADNL_PART_SIZE);
  message->total_size =
    (guint32) MAX (4, message->data_size) +
    clove_random_uniform (
      random, CLOVE_ADNL_MAX_JOINED_SIZE - (guint32) MAX (4, message->data_size) + 1);
  message->offset =
    clove_random_uniform (random, message->total_size - (guint32) message->data_size + 1);
}

/* A sound message of @type with random content. */
static CloveAdnlMessage
random_message (CloveAdnlMessageType type, CloveRandom *random, Storage *storage)
{
  CloveAdnlMessage message = { .type = type };

  clove_random_bytes (random, (guint8 *) storage, sizeof *storage);
  if (type == CLOVE_ADNL_MESSAGE_QUERY || type == CLOVE_ADNL_MESSAGE_ANSWER ||
      type == CLOVE_ADNL_MESSAGE_CREATE_CHANNEL || type == CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL ||
      type == CLOVE_ADNL_MESSAGE_PART)
    message.id = storage->id;
  if (type == CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL)
    message.peer_key = storage->peer_key;
  if (type == CLOVE_ADNL_MESSAGE_CREATE_CHANNEL || type == CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL ||
      type == CLOVE_ADNL_MESSAGE_REINIT)
    message.date = clove_random_uniform (random, G_MAXUINT32);
  if (type == CLOVE_ADNL_MESSAGE_PING || type == CLOVE_ADNL_MESSAGE_PONG)
    clove_random_bytes (random, (guint8 *) &message.value, sizeof message.value);
  if (type == CLOVE_ADNL_MESSAGE_QUERY || type == CLOVE_ADNL_MESSAGE_ANSWER ||
      type == CLOVE_ADNL_MESSAGE_CUSTOM)
    message.data_size = 4 + clove_random_uniform (random, 2000);
  if (type == CLOVE_ADNL_MESSAGE_PART)
    fill_part (&message, random);
  message.data = message.data_size > 0 ? storage->data : NULL;
  return message;
}

static void
assert_same (const CloveAdnlMessage *a, const CloveAdnlMessage *b)
{
  g_assert_cmpint (a->type, ==, b->type);
  g_assert_true ((a->id == NULL) == (b->id == NULL));
  if (a->id != NULL)
    g_assert_cmpmem (a->id, CLOVE_INT256_SIZE, b->id, CLOVE_INT256_SIZE);
  g_assert_true ((a->peer_key == NULL) == (b->peer_key == NULL));
  if (a->peer_key != NULL)
    g_assert_cmpmem (a->peer_key, CLOVE_INT256_SIZE, b->peer_key, CLOVE_INT256_SIZE);
  g_assert_cmpmem (a->data, a->data_size, b->data, b->data_size);
  g_assert_cmpuint (a->value, ==, b->value);
  g_assert_cmpuint (a->date, ==, b->date);
  g_assert_cmpuint (a->total_size, ==, b->total_size);
  g_assert_cmpuint (a->offset, ==, b->offset);
}

static GBytes *
write_message (const CloveAdnlMessage *message)
{
  gsize size = clove_adnl_message_size (message);
  guint8 *buffer = g_malloc (size);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, size);
  clove_adnl_message_write (&writer, message);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, size);
  return g_bytes_new_take (buffer, size);
}

static gboolean
read_message (const guint8 *data, gsize size, CloveAdnlMessage *out)
{
  CloveReader reader = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_read = FALSE;

  clove_reader_init (&reader, data, size);
  is_read = clove_adnl_message_read (&reader, out, &error);
  g_assert_cmpint (is_read, ==, error == NULL);
  g_assert_cmpint (is_read, ==, clove_reader_is_ok (&reader));
  if (!is_read)
    g_assert_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED);
  return is_read;
}

static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  g_autofree Storage *storage = g_new0 (Storage, 1);

  for (guint i = 0; i < 100 * N_TYPES; i++) {
    CloveAdnlMessage message =
      random_message ((CloveAdnlMessageType) (i % N_TYPES), random, storage);
    CloveAdnlMessage again = { 0 };
    g_autoptr (GBytes) written = write_message (&message);

    g_assert_true (
      read_message (g_bytes_get_data (written, NULL), g_bytes_get_size (written), &again));
    assert_same (&again, &message);
  }
}

/* Every cut is refused but one that takes padding only. */
static void
test_truncated (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  g_autofree Storage *storage = g_new0 (Storage, 1);

  for (guint i = 0; i < 3 * N_TYPES; i++) {
    CloveAdnlMessage message =
      random_message ((CloveAdnlMessageType) (i % N_TYPES), random, storage);
    g_autoptr (GBytes) written = write_message (&message);
    gsize size = g_bytes_get_size (written);
    gsize padding = message.data_size > 0 ? clove_tl_bytes_padding (message.data_size) : 0;

    for (gsize n = 0; n < size; n++) {
      g_autofree guint8 *exact = g_memdup2 (g_bytes_get_data (written, NULL), n);
      CloveAdnlMessage again = { 0 };

      g_assert_cmpint (read_message (exact, n, &again), ==, n >= size - padding);
    }
  }
}

static void
test_unknown (void)
{
  static const guint8 constructors[][4] = {
    { 0, 0, 0, 0 },
    { 0xff, 0xff, 0xff, 0xff },
    { 0x17, 0xf8, 0xdf, 0xda }, /* nop the wrong way round */
    { 0x89, 0xcd, 0x42, 0xd1 }, /* adnl.packetContents */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (constructors); i++) {
    guint8 data[64] = { 0 };
    CloveAdnlMessage message = { 0 };

    memcpy (data, constructors[i], 4);
    g_assert_false (read_message (data, sizeof data, &message));
  }
}

static void
test_bad_parts (void)
{
  static const struct {
    const char *name;
    guint32 total_size;
    guint32 offset;
    guint32 data_size;
  } cases[] = {
    { "empty message", 0, 0, 4 },
    { "smaller than a constructor", 3, 0, 3 },
    { "too large", CLOVE_ADNL_MAX_JOINED_SIZE + 1, 0, 4 },
    { "largest number", G_MAXUINT32, 0, 4 },
    { "negative", (guint32) -4, 0, 4 },
    { "offset at the end", 2000, 2000, 1 },
    { "offset behind the end", 2000, 2001, 1 },
    { "offset negative", 2000, (guint32) -1, 1 },
    { "sum wraps", 2000, (guint32) -4, 8 },
    { "one byte too far", 2000, 1990, 11 },
    { "no bytes", 2000, 100, 0 },
  };
  static const guint8 zeros[CLOVE_INT256_SIZE] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveAdnlMessage message = { .type = CLOVE_ADNL_MESSAGE_PART,
                                 .id = zeros,
                                 .total_size = cases[i].total_size,
                                 .offset = cases[i].offset,
                                 .data = zeros,
                                 .data_size = cases[i].data_size };
    g_autoptr (GBytes) written = write_message (&message);
    CloveAdnlMessage again = { 0 };

    g_test_message ("%s", cases[i].name);
    g_assert_false (
      read_message (g_bytes_get_data (written, NULL), g_bytes_get_size (written), &again));
  }
}

/* An object is at least its constructor. */
static void
test_no_object (void)
{
  static const guint8 zeros[CLOVE_INT256_SIZE] = { 0 };
  static const CloveAdnlMessageType types[] = { CLOVE_ADNL_MESSAGE_QUERY,
                                                CLOVE_ADNL_MESSAGE_ANSWER,
                                                CLOVE_ADNL_MESSAGE_CUSTOM };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++) {
    for (gsize size = 0; size <= 4; size++) {
      CloveAdnlMessage message = {
        .type = types[i],
        .id = zeros,
        .data = zeros,
        .data_size = size
      };
      g_autoptr (GBytes) written = write_message (&message);
      CloveAdnlMessage again = { 0 };

      g_assert_cmpint (
        read_message (g_bytes_get_data (written, NULL), g_bytes_get_size (written), &again), ==,
        size == 4);
    }
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/message/round-trip", test_round_trip);
  g_test_add_func ("/clove/adnl/message/truncated", test_truncated);
  g_test_add_func ("/clove/adnl/message/unknown", test_unknown);
  g_test_add_func ("/clove/adnl/message/bad-parts", test_bad_parts);
  g_test_add_func ("/clove/adnl/message/no-object", test_no_object);
  return g_test_run ();
}
