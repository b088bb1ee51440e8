/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `contents` of the vectors' datagrams as packets: from JSON, compared, written. */
#include "config.h"

#include "adnl-contents.h"

#include "clove-address.h"

#include <string.h>

#define MAX_CONTENTS_SIZE 4096

static void
fill_list (CloveAdnlAddressList *out, JsonObject *list)
{
  JsonArray *addresses =
    test_vectors_has (list, "addrs") ? json_object_get_array_member (list, "addrs") : NULL;

  if (addresses != NULL && json_array_get_length (addresses) > 0) {
    CloveAddress address = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (
      clove_address_parse (&address, json_array_get_string_element (addresses, 0), &error));
    g_assert_no_error (error);
    out->has_address = TRUE;
    out->ip = ntohl (address.v4.sin_addr.s_addr);
    out->port = clove_address_get_port (&address);
  }
  out->version = (guint32) test_vectors_long (list, "version");
  out->reinit_date = (guint32) test_vectors_long (list, "reinit_date");
  out->priority = (guint32) test_vectors_long (list, "priority");
  out->expire_at = (guint32) test_vectors_long (list, "expire_at");
}

static void
fill_part (CloveAdnlMessage *out, JsonObject *message, GPtrArray *keep)
{
  out->type = CLOVE_ADNL_MESSAGE_PART;
  out->id = test_vectors_borrow_32 (keep, message, "hash");
  out->total_size = (guint32) test_vectors_long (message, "total_size");
  out->offset = (guint32) test_vectors_long (message, "offset");
  out->data = test_vectors_borrow (keep, message, "data", &out->data_size);
}

/* The types that carry an object; its member has the type's own name. */
static gboolean
fill_carrier (CloveAdnlMessage *out, const char *type, JsonObject *message, GPtrArray *keep)
{
  static const struct {
    const char *type;
    const char *member;
    CloveAdnlMessageType value;
  } carriers[] = {
    { "adnl.message.query", "query", CLOVE_ADNL_MESSAGE_QUERY },
    { "adnl.message.answer", "answer", CLOVE_ADNL_MESSAGE_ANSWER },
    { "adnl.message.custom", "data", CLOVE_ADNL_MESSAGE_CUSTOM },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (carriers); i++) {
    if (!g_str_equal (type, carriers[i].type))
      continue;
    out->type = carriers[i].value;
    out->data = test_vectors_borrow (keep, message, carriers[i].member, &out->data_size);
    if (out->type != CLOVE_ADNL_MESSAGE_CUSTOM)
      out->id = test_vectors_borrow_32 (keep, message, "query_id");
    return TRUE;
  }
  return FALSE;
}

static void
fill_message (CloveAdnlMessage *out, JsonObject *message, GPtrArray *keep)
{
  const char *type = test_vectors_text (message, "type");

  g_assert_nonnull (type);
  if (fill_carrier (out, type, message, keep))
    return;
  if (g_str_equal (type, "adnl.message.part")) {
    fill_part (out, message, keep);
    return;
  }
  out->date = (guint32) test_vectors_long (message, "date");
  out->value = (guint64) test_vectors_long (message, "value");
  if (g_str_equal (type, "adnl.message.createChannel")) {
    out->type = CLOVE_ADNL_MESSAGE_CREATE_CHANNEL;
    out->id = test_vectors_borrow_32 (keep, message, "key");
  } else if (g_str_equal (type, "adnl.message.confirmChannel")) {
    out->type = CLOVE_ADNL_MESSAGE_CONFIRM_CHANNEL;
    out->id = test_vectors_borrow_32 (keep, message, "key");
    out->peer_key = test_vectors_borrow_32 (keep, message, "peer_key");
  } else if (g_str_equal (type, "adnl.message.reinit")) {
    out->type = CLOVE_ADNL_MESSAGE_REINIT;
  } else if (g_str_equal (type, "adnl.ping")) {
    out->type = CLOVE_ADNL_MESSAGE_PING;
  } else if (g_str_equal (type, "adnl.pong")) {
    out->type = CLOVE_ADNL_MESSAGE_PONG;
  } else if (g_str_equal (type, "adnl.message.nop")) {
    out->type = CLOVE_ADNL_MESSAGE_NOP;
  } else {
    g_error ("The test does not know the message %s", type);
  }
}

static void
fill_numbers (CloveAdnlPacket *out, JsonObject *contents)
{
  if (test_vectors_has (contents, "address"))
    fill_list (&out->address, test_vectors_object (contents, "address"));
  if (test_vectors_has (contents, "priority_address"))
    fill_list (&out->priority_address, test_vectors_object (contents, "priority_address"));
  out->seqno = test_vectors_long (contents, "seqno");
  out->confirm_seqno = test_vectors_long (contents, "confirm_seqno");
  out->address_version = (guint32) test_vectors_long (contents, "recv_addr_list_version");
  out->priority_address_version =
    (guint32) test_vectors_long (contents, "recv_priority_addr_list_version");
  out->reinit_date = (guint32) test_vectors_long (contents, "reinit_date");
  out->dst_reinit_date = (guint32) test_vectors_long (contents, "dst_reinit_date");
}

/** adnl_contents_fill: Make the packet that @contents describe; @keep owns its bytes. */
void
adnl_contents_fill (CloveAdnlPacket *out, JsonObject *contents, GPtrArray *keep)
{
  gsize size = 0;

  memset (out, 0, sizeof *out);
  g_assert_true (test_vectors_has (contents, "flags"));
  out->flags = (guint32) test_vectors_long (contents, "flags");
  out->rand1 = test_vectors_borrow (keep, contents, "rand1", &out->rand1_size);
  out->rand2 = test_vectors_borrow (keep, contents, "rand2", &out->rand2_size);
  if (out->flags & CLOVE_ADNL_PACKET_FROM)
    out->from_key = test_vectors_borrow_32 (keep, contents, "from_pub");
  if (out->flags & CLOVE_ADNL_PACKET_FROM_SHORT)
    out->from_id = test_vectors_borrow_32 (keep, contents, "from_short");
  if (out->flags & (CLOVE_ADNL_PACKET_MESSAGE | CLOVE_ADNL_PACKET_MESSAGES)) {
    JsonArray *messages = json_object_get_array_member (contents, "messages");

    out->n_messages = json_array_get_length (messages);
    g_assert_cmpuint (out->n_messages, <=, CLOVE_ADNL_MAX_MESSAGES);
    for (guint i = 0; i < out->n_messages; i++)
      fill_message (&out->messages[i], json_array_get_object_element (messages, i), keep);
  }
  fill_numbers (out, contents);
  if (out->flags & CLOVE_ADNL_PACKET_SIGNATURE) {
    out->signature = test_vectors_borrow (keep, contents, "signature", &size);
    g_assert_cmpuint (size, ==, CLOVE_ADNL_SIGNATURE_SIZE);
  }
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
