/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  CLOVE_RELAY_MESSAGE_HELLO,
  CLOVE_RELAY_MESSAGE_HELLO_ACK,
  CLOVE_RELAY_MESSAGE_CIRCUIT_CREATE,
  CLOVE_RELAY_MESSAGE_CIRCUIT_CREATED,
  CLOVE_RELAY_MESSAGE_CIRCUIT_EXTEND,
  CLOVE_RELAY_MESSAGE_EXTEND_PAYLOAD,
  CLOVE_RELAY_MESSAGE_CIRCUIT_EXTENDED,
  CLOVE_RELAY_MESSAGE_CIRCUIT_DESTROY,
  CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY,
  CLOVE_RELAY_MESSAGE_CIRCUIT_RELAY_RESPONSE,
  CLOVE_RELAY_MESSAGE_DATA,
  CLOVE_RELAY_MESSAGE_DATA_ACK,
  CLOVE_RELAY_MESSAGE_PING,
  CLOVE_RELAY_MESSAGE_PONG,
  CLOVE_RELAY_MESSAGE_ERROR,
  CLOVE_RELAY_MESSAGE_GET_PEERS,
  CLOVE_RELAY_MESSAGE_PEERS,
  CLOVE_RELAY_MESSAGE_PEER_INFO,
  CLOVE_RELAY_MESSAGE_STREAM_CONNECT,
  CLOVE_RELAY_MESSAGE_STREAM_CONNECTED,
  CLOVE_RELAY_MESSAGE_STREAM_DATA,
  CLOVE_RELAY_MESSAGE_STREAM_CLOSE,
  CLOVE_RELAY_MESSAGE_DATA_CHUNK,
} CloveRelayMessageType;

/**
 * CloveRelayMessage:
 * @id: circuit_id, node_id or adnl_id; 32 bytes
 * @key: client_key, relay_key or next_relay; 32 bytes
 * @key_hash: of circuitCreated and circuitExtended; 32 bytes
 * @data: the bytes or string field: encrypted, data, message, host, error, next_addr, ip; of peers:
 *   the bare entries one after another
 * @stream_id: of the stream messages, data, dataAck and dataChunk
 * @number: version, code, port, max_count, chunk_index; of peers: how many entries
 * @number2: capabilities, capacity, total_chunks
 * @value: nonce, bytes_received
 * @is_success: of streamConnected
 *
 * One relay.* object with the fields of its type set. Pointers borrow from the bytes that were
 * parsed, or from the caller. Numbers are the signed ones of the schema.
 */
typedef struct {
  CloveRelayMessageType type;
  const guint8 *id;
  const guint8 *key;
  const guint8 *key_hash;
  const guint8 *data;
  gsize data_size;
  gint32 stream_id;
  gint32 number;
  gint32 number2;
  gint64 value;
  gboolean is_success;
} CloveRelayMessage;

gboolean clove_relay_message_parse (CloveRelayMessage *out,
                                    const guint8 *data,
                                    gsize size,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gsize clove_relay_message_size (const CloveRelayMessage *message);
void clove_relay_message_write (CloveWriter *writer, const CloveRelayMessage *message);
const char *clove_relay_message_type_name (CloveRelayMessageType type);
char *clove_relay_message_dup_text (const CloveRelayMessage *message);

G_END_DECLS
