/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-error.h"
#include "clove-tl.h"

#include <glib.h>

G_BEGIN_DECLS

/* Most bytes of a message in one datagram; a longer one is cut into parts of this size. */
#define CLOVE_ADNL_PART_SIZE        1024
/* The reference sends at most 8 parts and takes at most 8320 bytes. */
#define CLOVE_ADNL_MAX_PARTS        8
#define CLOVE_ADNL_MAX_MESSAGE_SIZE (CLOVE_ADNL_MAX_PARTS * CLOVE_ADNL_PART_SIZE)
#define CLOVE_ADNL_MAX_JOINED_SIZE  8320

typedef enum {
  CLOVE_ADNL_MESSAGE_NOP,
  CLOVE_ADNL_MESSAGE_QUERY,
  CLOVE_ADNL_MESSAGE_ANSWER,
  CLOVE_ADNL_MESSAGE_CUSTOM,
  CLOVE_ADNL_MESSAGE_CREATE_CHANNEL,
  CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL,
  CLOVE_ADNL_MESSAGE_PART,
  CLOVE_ADNL_MESSAGE_REINIT,
  CLOVE_ADNL_MESSAGE_PING,
  CLOVE_ADNL_MESSAGE_PONG,
} CloveAdnlMessageType;

/**
 * CloveAdnlMessage:
 * @id: query id of query and answer, hash of part, key of the two channel messages; 32 bytes
 * @peer_key: of confirmChannel: the key that is confirmed; 32 bytes
 * @data: the object inside query, answer and custom; the bytes of a part
 * @value: of ping and pong
 * @date: of the channel messages and reinit, seconds since 1970
 * @total_size: of part: size of the whole message
 * @offset: of part: where @data belongs
 *
 * One adnl.message. Pointers borrow from the packet that it was read from, or from the caller.
 */
typedef struct {
  CloveAdnlMessageType type;
  const guint8 *id;
  const guint8 *peer_key;
  const guint8 *data;
  gsize data_size;
  guint64 value;
  guint32 date;
  guint32 total_size;
  guint32 offset;
} CloveAdnlMessage;

gboolean clove_adnl_message_read (CloveReader *reader, CloveAdnlMessage *out, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_message_write (CloveWriter *writer, const CloveAdnlMessage *message);
gsize clove_adnl_message_size (const CloveAdnlMessage *message);

G_END_DECLS
