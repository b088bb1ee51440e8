/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The relay.* objects (src/circuit/README.md, "Messages"; vectors in tl_messages.json).
 *
 * Each type is a row of the table below: its constructor and its fields in wire order, one letter
 * each. Reading, writing and measuring walk the same row, so they cannot disagree.
 */
#include "config.h"

#include "clove-relay-message.h"

#include "clove-circuit-error.h"

/*
 * i id, k key, h key hash (int256 each), s stream id, n number, m number2 (int each), v value
 * (long), b data (bytes), B Bool, P the bare entries of relay.peers with their count
 */
typedef struct {
  guint32 constructor;
  const char *fields;
  const char *name;
} Layout;

/* What a relay says of an error, as far as it is shown. */
#define MAX_TEXT_SIZE 200

#define REPLACEMENT_CHARACTER 0xfffd

#define WIRE(bytes) CLOVE_TL_CONSTRUCTOR (bytes)

static const Layout layouts[] = {
  [CLOVE_RELAY_MESSAGE_HELLO] = { WIRE (0x977e1857), "inm", "hello" },
  [CLOVE_RELAY_MESSAGE_HELLO_ACK] = { WIRE (0x36c8ed94), "in", "helloAck" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE] = { WIRE (0xa01b8047), "ik", "circuitCreate" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED] = { WIRE (0x792361db), "ikh", "circuitCreated" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND] = { WIRE (0x7f5938e6), "ikb", "circuitExtend" },
  [CLOVE_RELAY_MESSAGE_EXTEND_PAYLOAD] = { WIRE (0xf67b9be8), "bk", "extendPayload" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED] = { WIRE (0xe8f6471a), "ikh", "circuitExtended" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY] = { WIRE (0x3ea96c4e), "i", "circuitDestroy" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY] = { WIRE (0x1db96df2), "ib", "circuitRelay" },
  [CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE] = { WIRE (0xee9a9618),
                                                   "ib",
                                                   "circuitRelayResponse" },
  [CLOVE_RELAY_MESSAGE_DATA] = { WIRE (0xfc09c48d), "isb", "data" },
  [CLOVE_RELAY_MESSAGE_DATA_ACK] = { WIRE (0x7b789230), "isv", "dataAck" },
  [CLOVE_RELAY_MESSAGE_PING] = { WIRE (0xcdbaa393), "v", "ping" },
  [CLOVE_RELAY_MESSAGE_PONG] = { WIRE (0xb89b772b), "v", "pong" },
  [CLOVE_RELAY_MESSAGE_ERROR] = { WIRE (0x45cf4051), "nb", "error" },
  [CLOVE_RELAY_MESSAGE_GET_PEERS] = { WIRE (0x5198b742), "n", "getPeers" },
  [CLOVE_RELAY_MESSAGE_PEERS] = { WIRE (0x8792eb68), "P", "peers" },
  [CLOVE_RELAY_MESSAGE_PEER_INFO] = { WIRE (0x04037648), "ibnm", "peerInfo" },
  [CLOVE_RELAY_MESSAGE_STREAM_CONNECT] = { WIRE (0x57b7becf), "sbn", "streamConnect" },
  [CLOVE_RELAY_MESSAGE_STREAM_CONNECTED] = { WIRE (0x621e9c44), "sBb", "streamConnected" },
  [CLOVE_RELAY_MESSAGE_STREAM_DATA] = { WIRE (0x0b0a1771), "sb", "streamData" },
  [CLOVE_RELAY_MESSAGE_STREAM_CLOSE] = { WIRE (0x977b5fbc), "s", "streamClose" },
  [CLOVE_RELAY_MESSAGE_DATA_CHUNK] = { WIRE (0xa7a62bdf), "isnmb", "dataChunk" },
};

G_DEFINE_QUARK (clove_circuit_error, clove_circuit_error)

/** clove_relay_message_type_name: Get the type's name in the schema, without "relay.". */
const char *
clove_relay_message_type_name (CloveRelayMessageType type)
{
  g_return_val_if_fail (type < G_N_ELEMENTS (layouts), NULL);
  return layouts[type].name;
}

/**
 * clove_relay_message_dup_text:
 * @message: a parsed error or streamConnected
 *
 * Get the words of a stranger so that they are safe in a log, on a terminal and on a page.
 *
 * Returns: (transfer full): the first 200 bytes as valid UTF-8 of printable characters only
 */
char *
clove_relay_message_dup_text (const CloveRelayMessage *message)
{
  g_autofree char *valid =
    g_utf8_make_valid ((const char *) message->data,
                       (gssize) MIN (message->data_size, MAX_TEXT_SIZE));
  GString *text = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    g_string_append_unichar (text, g_unichar_isprint (c) ? c : REPLACEMENT_CHARACTER);
  }
  return g_string_free (text, FALSE);
}

static gboolean
find_type (guint32 constructor, CloveRelayMessageType *type_out)
{
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++) {
    if (layouts[i].constructor == constructor) {
      *type_out = (CloveRelayMessageType) i;
      return TRUE;
    }
  }
  return FALSE;
}

/* The entries stay as they are: nothing here needs them, but each is checked to be whole. */
static void
read_peers (CloveReader *reader, CloveRelayMessage *out)
{
  guint32 n_peers = clove_reader_u32 (reader);
  gsize start = clove_reader_get_position (reader);
  gsize size = 0;

  out->number = (gint32) n_peers;
  for (guint32 i = 0; i < n_peers && clove_reader_is_ok (reader); i++) {
    (void) clove_tl_read_int256 (reader);
    (void) clove_tl_read_bytes (reader, &size);
    (void) clove_reader_u64 (reader);
  }
  out->data_size = clove_reader_get_position (reader) - start;
}

static void
read_field (CloveReader *reader, char field, CloveRelayMessage *out)
{
  switch (field) {
    case 'i':
      out->id = clove_tl_read_int256 (reader);
      break;
    case 'k':
      out->key = clove_tl_read_int256 (reader);
      break;
    case 'h':
      out->key_hash = clove_tl_read_int256 (reader);
      break;
    case 's':
      out->stream_id = (gint32) clove_reader_u32 (reader);
      break;
    case 'n':
      out->number = (gint32) clove_reader_u32 (reader);
      break;
    case 'm':
      out->number2 = (gint32) clove_reader_u32 (reader);
      break;
    case 'v':
      out->value = (gint64) clove_reader_u64 (reader);
      break;
    case 'b':
      out->data = clove_tl_read_bytes (reader, &out->data_size);
      break;
    case 'B':
      out->is_success = clove_tl_read_bool (reader);
      break;
    case 'P':
      read_peers (reader, out);
      break;
    default:
      g_assert_not_reached ();
  }
}

/**
 * clove_relay_message_parse:
 * @out: (out): the message; borrows from @data
 * @data: one boxed relay.* object
 * @size: its size in bytes; bytes after the object are refused
 * @error: %CLOVE_CIRCUIT_ERROR_MALFORMED
 *
 * Returns: whether @data is a well-formed relay.* object and nothing more
 */
gboolean
clove_relay_message_parse (CloveRelayMessage *out, const guint8 *data, gsize size, GError **error)
{
  CloveReader reader = { 0 };
  guint32 constructor = 0;

  *out = (CloveRelayMessage){ 0 };
  clove_reader_init (&reader, data, size);
  constructor = clove_reader_u32 (&reader);
  if (!clove_reader_is_ok (&reader) || !find_type (constructor, &out->type)) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED,
                 "unknown relay object %08x of %zu bytes", GUINT32_SWAP_LE_BE (constructor), size);
    return FALSE;
  }
  for (const char *field = layouts[out->type].fields; *field != '\0'; field++)
    read_field (&reader, *field, out);
  if (out->type == CLOVE_RELAY_MESSAGE_PEERS && clove_reader_is_ok (&reader))
    out->data = data + clove_reader_get_position (&reader) - out->data_size;
  if (!clove_reader_is_ok (&reader) || clove_reader_get_remaining (&reader) > 0) {
    g_set_error (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_MALFORMED,
                 "truncated or overlong relay.%s of %zu bytes", layouts[out->type].name, size);
    return FALSE;
  }
  return TRUE;
}

static gsize
field_size (char field, const CloveRelayMessage *message)
{
  switch (field) {
    case 'i':
    case 'k':
    case 'h':
      return CLOVE_INT256_SIZE;
    case 'v':
      return 8;
    case 'b':
      return clove_tl_bytes_size (message->data_size);
    case 'P':
      return 4 + message->data_size;
    default:
      return 4;
  }
}

/** clove_relay_message_size: Get the size in bytes of the boxed @message. */
gsize
clove_relay_message_size (const CloveRelayMessage *message)
{
  gsize size = 4;

  for (const char *field = layouts[message->type].fields; *field != '\0'; field++)
    size += field_size (*field, message);
  return size;
}

static void
write_field (CloveWriter *writer, char field, const CloveRelayMessage *message)
{
  switch (field) {
    case 'i':
      clove_tl_write_int256 (writer, message->id);
      break;
    case 'k':
      clove_tl_write_int256 (writer, message->key);
      break;
    case 'h':
      clove_tl_write_int256 (writer, message->key_hash);
      break;
    case 's':
      clove_writer_u32 (writer, (guint32) message->stream_id);
      break;
    case 'n':
      clove_writer_u32 (writer, (guint32) message->number);
      break;
    case 'm':
      clove_writer_u32 (writer, (guint32) message->number2);
      break;
    case 'v':
      clove_writer_u64 (writer, (guint64) message->value);
      break;
    case 'b':
      clove_tl_write_bytes (writer, message->data, message->data_size);
      break;
    case 'B':
      clove_tl_write_bool (writer, message->is_success);
      break;
    case 'P':
      clove_writer_u32 (writer, (guint32) message->number);
      clove_writer_bytes (writer, message->data, message->data_size);
      break;
    default:
      g_assert_not_reached ();
  }
}

/** clove_relay_message_write: Append the boxed @message. */
void
clove_relay_message_write (CloveWriter *writer, const CloveRelayMessage *message)
{
  g_return_if_fail (message->type < G_N_ELEMENTS (layouts));

  clove_writer_u32 (writer, layouts[message->type].constructor);
  for (const char *field = layouts[message->type].fields; *field != '\0'; field++)
    write_field (writer, *field, message);
}
