/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `contents` of the vectors' datagrams as packets: from JSON, compared, written. A field that
 * the vectors leave out is taken from what was parsed. */
#include "config.h"

#include "adnl-contents.h"

#include "clove-address.h"

#include <string.h>

#define MAX_CONTENTS_SIZE 4096

static void
set_u32 (guint32 *field, JsonObject *object, const char *member)
{
  if (test_vectors_has (object, member))
    *field = (guint32) test_vectors_long (object, member);
}

static void
set_long (gint64 *field, JsonObject *object, const char *member)
{
  if (test_vectors_has (object, member))
    *field = test_vectors_long (object, member);
}

static void
set_32 (const guint8 **field, JsonObject *object, const char *member, GPtrArray *keep)
{
  if (test_vectors_has (object, member))
    *field = test_vectors_borrow_32 (keep, object, member);
}

static void
set_bytes (const guint8 **field,
           gsize *size,
           JsonObject *object,
           const char *member,
           GPtrArray *keep)
{
  if (test_vectors_has (object, member))
    *field = test_vectors_borrow (keep, object, member, size);
}

static void
fill_address (CloveAdnlAddressList *out, JsonArray *addresses)
{
  CloveAddress address = { 0 };
  g_autoptr (GError) error = NULL;

  out->has_address = json_array_get_length (addresses) > 0;
  if (!out->has_address)
    return;
  g_assert_true (
    clove_address_parse (&address, json_array_get_string_element (addresses, 0), &error));
  g_assert_no_error (error);
  out->ip = ntohl (address.v4.sin_addr.s_addr);
  out->port = clove_address_get_port (&address);
}

static void
fill_list (CloveAdnlAddressList *out, JsonObject *contents, const char *member)
{
  JsonObject *list = NULL;

  if (!test_vectors_has (contents, member))
    return;
  list = test_vectors_object (contents, member);
  if (test_vectors_has (list, "addrs"))
    fill_address (out, json_object_get_array_member (list, "addrs"));
  set_u32 (&out->version, list, "version");
  set_u32 (&out->reinit_date, list, "reinit_date");
  set_u32 (&out->priority, list, "priority");
  set_u32 (&out->expire_at, list, "expire_at");
}

static const struct {
  const char *name;
  CloveAdnlMessageType type;
} names[] = {
  { "adnl.message.nop", CLOVE_ADNL_MESSAGE_NOP },
  { "adnl.message.query", CLOVE_ADNL_MESSAGE_QUERY },
  { "adnl.message.answer", CLOVE_ADNL_MESSAGE_ANSWER },
  { "adnl.message.custom", CLOVE_ADNL_MESSAGE_CUSTOM },
  { "adnl.message.createChannel", CLOVE_ADNL_MESSAGE_CREATE_CHANNEL },
  { "adnl.message.confirmChannel", CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL },
  { "adnl.message.part", CLOVE_ADNL_MESSAGE_PART },
  { "adnl.message.reinit", CLOVE_ADNL_MESSAGE_REINIT },
  { "adnl.ping", CLOVE_ADNL_MESSAGE_PING },
  { "adnl.pong", CLOVE_ADNL_MESSAGE_PONG },
};

/** adnl_contents_find_type: Find the message whose name is the first word of @text. */
gboolean
adnl_contents_find_type (const char *text, CloveAdnlMessageType *type_out)
{
  gsize size = strcspn (text, " ");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    if (strlen (names[i].name) == size && strncmp (text, names[i].name, size) == 0) {
      *type_out = names[i].type;
      return TRUE;
    }
  }
  return FALSE;
}

static void
fill_message (CloveAdnlMessage *out, JsonObject *message, GPtrArray *keep)
{
  gint64 value = (gint64) out->value;

  if (test_vectors_has (message, "type"))
    g_assert_true (adnl_contents_find_type (test_vectors_text (message, "type"), &out->type));
  set_32 (&out->id, message, "query_id", keep);
  set_32 (&out->id, message, "hash", keep);
  set_32 (&out->id, message, "key", keep);
  set_32 (&out->peer_key, message, "peer_key", keep);
  set_bytes (&out->data, &out->data_size, message, "query", keep);
  set_bytes (&out->data, &out->data_size, message, "answer", keep);
  set_bytes (&out->data, &out->data_size, message, "data", keep);
  set_u32 (&out->date, message, "date");
  set_u32 (&out->total_size, message, "total_size");
  set_u32 (&out->offset, message, "offset");
  set_long (&value, message, "value");
  out->value = (guint64) value;
}

static void
fill_messages (CloveAdnlPacket *out, JsonObject *contents, GPtrArray *keep)
{
  JsonArray *messages = NULL;

  if (!test_vectors_has (contents, "messages"))
    return;
  messages = json_object_get_array_member (contents, "messages");
  out->n_messages = json_array_get_length (messages);
  g_assert_cmpuint (out->n_messages, <=, CLOVE_ADNL_MAX_MESSAGES);
  for (guint i = 0; i < out->n_messages; i++)
    fill_message (&out->messages[i], json_array_get_object_element (messages, i), keep);
}

/**
 * adnl_contents_fill:
 * @out: (out): the packet that the vectors describe
 * @parsed: where a field comes from that they leave out
 * @contents: the description
 * @keep: owner of the bytes of @out
 */
void
adnl_contents_fill (CloveAdnlPacket *out,
                    const CloveAdnlPacket *parsed,
                    JsonObject *contents,
                    GPtrArray *keep)
{
  gsize signature_size = CLOVE_ADNL_SIGNATURE_SIZE;

  *out = *parsed;
  set_u32 (&out->flags, contents, "flags");
  set_bytes (&out->rand1, &out->rand1_size, contents, "rand1", keep);
  set_bytes (&out->rand2, &out->rand2_size, contents, "rand2", keep);
  set_32 (&out->from_key, contents, "from_pub", keep);
  set_32 (&out->from_id, contents, "from_short", keep);
  fill_messages (out, contents, keep);
  fill_list (&out->address, contents, "address");
  fill_list (&out->priority_address, contents, "priority_address");
  set_long (&out->seqno, contents, "seqno");
  set_long (&out->confirm_seqno, contents, "confirm_seqno");
  set_u32 (&out->address_version, contents, "recv_addr_list_version");
  set_u32 (&out->priority_address_version, contents, "recv_priority_addr_list_version");
  set_u32 (&out->reinit_date, contents, "reinit_date");
  set_u32 (&out->dst_reinit_date, contents, "dst_reinit_date");
  set_bytes (&out->signature, &signature_size, contents, "signature", keep);
  g_assert_cmpuint (signature_size, ==, CLOVE_ADNL_SIGNATURE_SIZE);
}

static void
assert_same (const guint8 *a, const guint8 *b, gsize size)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL)
    g_assert_cmpmem (a, size, b, size);
}

static void
assert_same_message (const CloveAdnlMessage *a, const CloveAdnlMessage *b)
{
  g_assert_cmpint (a->type, ==, b->type);
  assert_same (a->id, b->id, CLOVE_INT256_SIZE);
  assert_same (a->peer_key, b->peer_key, CLOVE_INT256_SIZE);
  g_assert_cmpmem (a->data, a->data_size, b->data, b->data_size);
  g_assert_cmpuint (a->value, ==, b->value);
  g_assert_cmpuint (a->date, ==, b->date);
  g_assert_cmpuint (a->total_size, ==, b->total_size);
  g_assert_cmpuint (a->offset, ==, b->offset);
}

static void
assert_same_list (const CloveAdnlAddressList *a, const CloveAdnlAddressList *b)
{
  g_assert_cmpint (a->has_address, ==, b->has_address);
  g_assert_cmphex (a->ip, ==, b->ip);
  g_assert_cmpuint (a->port, ==, b->port);
  g_assert_cmpuint (a->version, ==, b->version);
  g_assert_cmpuint (a->reinit_date, ==, b->reinit_date);
  g_assert_cmpuint (a->priority, ==, b->priority);
  g_assert_cmpuint (a->expire_at, ==, b->expire_at);
}

/** adnl_contents_assert_same: Fail unless both packets have the same fields. */
void
adnl_contents_assert_same (const CloveAdnlPacket *actual, const CloveAdnlPacket *expected)
{
  g_assert_cmphex (actual->flags, ==, expected->flags);
  g_assert_cmpmem (actual->rand1, actual->rand1_size, expected->rand1, expected->rand1_size);
  g_assert_cmpmem (actual->rand2, actual->rand2_size, expected->rand2, expected->rand2_size);
  assert_same (actual->from_key, expected->from_key, CLOVE_INT256_SIZE);
  assert_same (actual->from_id, expected->from_id, CLOVE_INT256_SIZE);
  g_assert_cmpuint (actual->n_messages, ==, expected->n_messages);
  for (guint i = 0; i < actual->n_messages; i++)
    assert_same_message (&actual->messages[i], &expected->messages[i]);
  assert_same_list (&actual->address, &expected->address);
  assert_same_list (&actual->priority_address, &expected->priority_address);
  g_assert_cmpint (actual->seqno, ==, expected->seqno);
  g_assert_cmpint (actual->confirm_seqno, ==, expected->confirm_seqno);
  g_assert_cmpuint (actual->address_version, ==, expected->address_version);
  g_assert_cmpuint (actual->priority_address_version, ==, expected->priority_address_version);
  g_assert_cmpuint (actual->reinit_date, ==, expected->reinit_date);
  g_assert_cmpuint (actual->dst_reinit_date, ==, expected->dst_reinit_date);
  assert_same (actual->signature, expected->signature, CLOVE_ADNL_SIGNATURE_SIZE);
}

/** adnl_contents_write: (transfer full): Write the packet. */
GBytes *
adnl_contents_write (const CloveAdnlPacket *packet)
{
  g_autofree guint8 *buffer = g_malloc (MAX_CONTENTS_SIZE);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, MAX_CONTENTS_SIZE);
  clove_adnl_packet_write (&writer, packet);
  g_assert_true (clove_writer_is_ok (&writer));
  return g_bytes_new (buffer, clove_writer_get_size (&writer));
}
