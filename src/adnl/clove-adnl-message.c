/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages inside a packet (src/adnl/README.md, "Messages"; vectors in adnl_packets.json). */
#include "config.h"

#include "clove-adnl-message.h"

#define NOP             CLOVE_TL_CONSTRUCTOR (0xdadff817)
#define QUERY           CLOVE_TL_CONSTRUCTOR (0x7af98bb4)
#define ANSWER          CLOVE_TL_CONSTRUCTOR (0x1684ac0f)
#define CUSTOM          CLOVE_TL_CONSTRUCTOR (0xf5184820)
#define CREATE_CHANNEL  CLOVE_TL_CONSTRUCTOR (0xbbc373e6)
#define CONFIRM_CHANNEL CLOVE_TL_CONSTRUCTOR (0x691ddd60)
#define PART            CLOVE_TL_CONSTRUCTOR (0x392d45fd)
#define REINIT          CLOVE_TL_CONSTRUCTOR (0x2005c210)
#define PING            CLOVE_TL_CONSTRUCTOR (0xbfa1aa1f)
#define PONG            CLOVE_TL_CONSTRUCTOR (0x0e7c7420)

/* The smallest boxed object: its constructor. */
#define MIN_OBJECT_SIZE 4

static const struct {
  CloveAdnlMessageType type;
  guint32 constructor;
} constructors[] = {
  { CLOVE_ADNL_MESSAGE_NOP, NOP },
  { CLOVE_ADNL_MESSAGE_QUERY, QUERY },
  { CLOVE_ADNL_MESSAGE_ANSWER, ANSWER },
  { CLOVE_ADNL_MESSAGE_CUSTOM, CUSTOM },
  { CLOVE_ADNL_MESSAGE_CREATE_CHANNEL, CREATE_CHANNEL },
  { CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL, CONFIRM_CHANNEL },
  { CLOVE_ADNL_MESSAGE_PART, PART },
  { CLOVE_ADNL_MESSAGE_REINIT, REINIT },
  { CLOVE_ADNL_MESSAGE_PING, PING },
  { CLOVE_ADNL_MESSAGE_PONG, PONG },
};

static gboolean
find_type (guint32 constructor, CloveAdnlMessageType *type_out)
{
  for (gsize i = 0; i < G_N_ELEMENTS (constructors); i++) {
    if (constructors[i].constructor == constructor) {
      *type_out = constructors[i].type;
      return TRUE;
    }
  }
  return FALSE;
}

static void
read_object (CloveReader *reader, CloveAdnlMessage *out)
{
  out->data = clove_tl_read_bytes (reader, &out->data_size);
  if (out->data_size < MIN_OBJECT_SIZE)
    clove_reader_fail (reader);
}

static void
read_part (CloveReader *reader, CloveAdnlMessage *out)
{
  out->id = clove_tl_read_int256 (reader);
  out->total_size = clove_reader_u32 (reader);
  out->offset = clove_reader_u32 (reader);
  out->data = clove_tl_read_bytes (reader, &out->data_size);
  /* Written so that no sum can wrap: negative numbers arrive here as huge ones. */
  if (out->total_size < MIN_OBJECT_SIZE || out->total_size > CLOVE_ADNL_MAX_JOINED_SIZE ||
      out->offset > out->total_size || out->data_size > out->total_size - out->offset ||
      out->data_size == 0)
    clove_reader_fail (reader);
}

static void
read_fields (CloveReader *reader, CloveAdnlMessage *out)
{
  switch (out->type) {
    case CLOVE_ADNL_MESSAGE_QUERY:
    case CLOVE_ADNL_MESSAGE_ANSWER:
      out->id = clove_tl_read_int256 (reader);
      read_object (reader, out);
      break;
    case CLOVE_ADNL_MESSAGE_CUSTOM:
      read_object (reader, out);
      break;
    case CLOVE_ADNL_MESSAGE_CREATE_CHANNEL:
      out->id = clove_tl_read_int256 (reader);
      out->date = clove_reader_u32 (reader);
      break;
    case CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL:
      out->id = clove_tl_read_int256 (reader);
      out->peer_key = clove_tl_read_int256 (reader);
      out->date = clove_reader_u32 (reader);
      break;
    case CLOVE_ADNL_MESSAGE_PART:
      read_part (reader, out);
      break;
    case CLOVE_ADNL_MESSAGE_REINIT:
      out->date = clove_reader_u32 (reader);
      break;
    case CLOVE_ADNL_MESSAGE_PING:
    case CLOVE_ADNL_MESSAGE_PONG:
      out->value = clove_reader_u64 (reader);
      break;
    case CLOVE_ADNL_MESSAGE_NOP:
    default:
      break;
  }
}

/**
 * clove_adnl_message_read:
 * @reader: where the boxed message begins; left after it
 * @out: (out): the message; borrows from the reader's bytes
 * @error: %CLOVE_ADNL_ERROR_MALFORMED
 *
 * Returns: whether a well-formed message was read
 */
gboolean
clove_adnl_message_read (CloveReader *reader, CloveAdnlMessage *out, GError **error)
{
  guint32 constructor = clove_reader_u32 (reader);

  *out = (CloveAdnlMessage){ 0 };
  if (clove_reader_is_ok (reader) && !find_type (constructor, &out->type)) {
    clove_reader_fail (reader);
    g_set_error (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                 "unknown message constructor %08x", GUINT32_SWAP_LE_BE (constructor));
    return FALSE;
  }
  read_fields (reader, out);
  if (!clove_reader_is_ok (reader)) {
    g_set_error_literal (error, CLOVE_ADNL_ERROR, CLOVE_ADNL_ERROR_MALFORMED,
                         "truncated or impossible message");
    return FALSE;
  }
  return TRUE;
}

static void
write_fields (CloveWriter *writer, const CloveAdnlMessage *message)
{
  switch (message->type) {
    case CLOVE_ADNL_MESSAGE_QUERY:
    case CLOVE_ADNL_MESSAGE_ANSWER:
      clove_tl_write_int256 (writer, message->id);
      clove_tl_write_bytes (writer, message->data, message->data_size);
      break;
    case CLOVE_ADNL_MESSAGE_CUSTOM:
      clove_tl_write_bytes (writer, message->data, message->data_size);
      break;
    case CLOVE_ADNL_MESSAGE_CREATE_CHANNEL:
      clove_tl_write_int256 (writer, message->id);
      clove_writer_u32 (writer, message->date);
      break;
    case CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL:
      clove_tl_write_int256 (writer, message->id);
      clove_tl_write_int256 (writer, message->peer_key);
      clove_writer_u32 (writer, message->date);
      break;
    case CLOVE_ADNL_MESSAGE_PART:
      clove_tl_write_int256 (writer, message->id);
      clove_writer_u32 (writer, message->total_size);
      clove_writer_u32 (writer, message->offset);
      clove_tl_write_bytes (writer, message->data, message->data_size);
      break;
    case CLOVE_ADNL_MESSAGE_REINIT:
      clove_writer_u32 (writer, message->date);
      break;
    case CLOVE_ADNL_MESSAGE_PING:
    case CLOVE_ADNL_MESSAGE_PONG:
      clove_writer_u64 (writer, message->value);
      break;
    case CLOVE_ADNL_MESSAGE_NOP:
    default:
      break;
  }
}

/** clove_adnl_message_write: Append the boxed @message. */
void
clove_adnl_message_write (CloveWriter *writer, const CloveAdnlMessage *message)
{
  for (gsize i = 0; i < G_N_ELEMENTS (constructors); i++) {
    if (constructors[i].type == message->type)
      clove_writer_u32 (writer, constructors[i].constructor);
  }
  write_fields (writer, message);
}

/** clove_adnl_message_size: Get the size in bytes of the boxed @message. */
gsize
clove_adnl_message_size (const CloveAdnlMessage *message)
{
  switch (message->type) {
    case CLOVE_ADNL_MESSAGE_QUERY:
    case CLOVE_ADNL_MESSAGE_ANSWER:
      return 4 + CLOVE_INT256_SIZE + clove_tl_bytes_size (message->data_size);
    case CLOVE_ADNL_MESSAGE_CUSTOM:
      return 4 + clove_tl_bytes_size (message->data_size);
    case CLOVE_ADNL_MESSAGE_CREATE_CHANNEL:
      return 4 + CLOVE_INT256_SIZE + 4;
    case CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL:
      return 4 + 2 * CLOVE_INT256_SIZE + 4;
    case CLOVE_ADNL_MESSAGE_PART:
      return 4 + CLOVE_INT256_SIZE + 8 + clove_tl_bytes_size (message->data_size);
    case CLOVE_ADNL_MESSAGE_REINIT:
      return 4 + 4;
    case CLOVE_ADNL_MESSAGE_PING:
    case CLOVE_ADNL_MESSAGE_PONG:
      return 4 + 8;
    case CLOVE_ADNL_MESSAGE_NOP:
    default:
      return 4;
  }
}
