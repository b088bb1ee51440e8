/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tl_messages.json: the relay.* objects both ways; other tests have constructors and TL bytes. */
#include "config.h"

#include "clove-relay-message.h"
#include "test-vectors.h"

#include <string.h>

/* Longest prefix of which each length is tried, and the tail treated alike. */
#define N_TRIED_LENGTHS 1500
#define N_LAST_LENGTHS  64
#define STRIDE          97

typedef struct {
  JsonObject *message;
  JsonObject *fields;
  GBytes *serialized;
  GPtrArray *keep;
} Instance;

typedef void (*InstanceFunc) (Instance *instance);

static CloveRelayMessageType
find_type (const char *schema)
{
  const char *name = schema + strlen ("relay.");
  gsize size = strcspn (name, " ");

  g_assert_true (g_str_has_prefix (schema, "relay."));
  for (gint i = CLOVE_RELAY_MESSAGE_HELLO; i <= CLOVE_RELAY_MESSAGE_DATA_CHUNK; i++) {
    const char *known = clove_relay_message_type_name ((CloveRelayMessageType) i);

    if (strlen (known) == size && strncmp (known, name, size) == 0)
      return (CloveRelayMessageType) i;
  }
  g_error ("The codec does not know %s", schema);
}

/* The bare entries of relay.peers, built from TL primitives. */
static void
fill_peers (CloveRelayMessage *out, JsonObject *fields, GPtrArray *keep)
{
  JsonArray *peers = json_object_get_array_member (fields, "peers");
  guint n_peers = json_array_get_length (peers);
  gsize capacity = (gsize) n_peers * 4096;
  guint8 *buffer = g_malloc (capacity + 1);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, capacity);
  for (guint i = 0; i < n_peers; i++) {
    JsonObject *peer = json_array_get_object_element (peers, i);
    gsize ip_size = 0;
    const guint8 *ip = test_vectors_borrow (keep, peer, "ip", &ip_size);

    clove_tl_write_int256 (&writer, test_vectors_borrow_32 (keep, peer, "adnl_id"));
    clove_tl_write_bytes (&writer, ip, ip_size);
    clove_writer_u32 (&writer, (guint32) test_vectors_long (peer, "port"));
    clove_writer_u32 (&writer, (guint32) test_vectors_long (peer, "capacity"));
  }
  g_assert_true (clove_writer_is_ok (&writer));
  g_ptr_array_add (keep, g_bytes_new_take (buffer, clove_writer_get_size (&writer)));
  out->number = (gint32) n_peers;
  out->data = buffer;
  out->data_size = clove_writer_get_size (&writer);
}

/* Where the codec keeps a field of the schema. */
static void
fill_field (CloveRelayMessage *out, const char *name, JsonObject *fields, GPtrArray *keep)
{
  static const char *const ids[] = { "circuit_id", "node_id", "adnl_id", NULL };
  static const char *const keys[] = { "client_key", "relay_key", "next_relay", NULL };
  static const char *const data[] = { "encrypted", "data", "message", "host", "error",
                                      "next_addr", "ip", NULL };
  static const char *const numbers[] = { "version", "code", "port", "max_count", "chunk_index",
                                         NULL };
  static const char *const numbers2[] = { "capabilities", "capacity", "total_chunks", NULL };
  static const char *const values[] = { "nonce", "bytes_received", NULL };

  if (g_strv_contains (ids, name))
    out->id = test_vectors_borrow_32 (keep, fields, name);
  else if (g_strv_contains (keys, name))
    out->key = test_vectors_borrow_32 (keep, fields, name);
  else if (g_str_equal (name, "key_hash"))
    out->key_hash = test_vectors_borrow_32 (keep, fields, name);
  else if (g_strv_contains (data, name))
    out->data = test_vectors_borrow (keep, fields, name, &out->data_size);
  else if (g_str_equal (name, "stream_id"))
    out->stream_id = (gint32) test_vectors_long (fields, name);
  else if (g_strv_contains (numbers, name))
    out->number = (gint32) test_vectors_long (fields, name);
  else if (g_strv_contains (numbers2, name))
    out->number2 = (gint32) test_vectors_long (fields, name);
  else if (g_strv_contains (values, name))
    out->value = test_vectors_long (fields, name);
  else if (g_str_equal (name, "success"))
    out->is_success = json_object_get_boolean_member (fields, name);
  else if (g_str_equal (name, "peers"))
    fill_peers (out, fields, keep);
  else
    g_error ("The test does not know the field “%s”", name);
}

static GStrv
schema_fields (const char *schema)
{
  g_autofree char *left = g_strndup (schema, (gsize) (strstr (schema, " = ") - schema));

  return g_strsplit (left, " ", -1);
}

/* What the vectors describe; a field that they leave out is as it was parsed. */
static void
fill_message (CloveRelayMessage *out, const Instance *instance)
{
  const char *schema = test_vectors_text (instance->message, "schema");
  g_auto (GStrv) fields = schema_fields (schema);
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_relay_message_parse (out, g_bytes_get_data (instance->serialized, NULL),
                                            g_bytes_get_size (instance->serialized), &error));
  g_assert_no_error (error);
  g_assert_cmpint (out->type, ==, find_type (schema));
  for (guint i = 1; fields[i] != NULL; i++) {
    fields[i][strcspn (fields[i], ":")] = '\0';
    if (test_vectors_has (instance->fields, fields[i]))
      fill_field (out, fields[i], instance->fields, instance->keep);
  }
}

static void
assert_same_32 (const guint8 *a, const guint8 *b)
{
  g_assert_true ((a == NULL) == (b == NULL));
  if (a != NULL)
    g_assert_cmpmem (a, CLOVE_INT256_SIZE, b, CLOVE_INT256_SIZE);
}

static void
assert_same_message (const CloveRelayMessage *a, const CloveRelayMessage *b)
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

static void
for_each_of (JsonObject *message, InstanceFunc check)
{
  JsonArray *instances = test_vectors_list (message, "instances");

  for (guint i = 0; i < json_array_get_length (instances); i++) {
    g_autoptr (GPtrArray) keep = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    JsonObject *object = json_array_get_object_element (instances, i);
    g_autoptr (GBytes) serialized = test_vectors_hex (object, "serialized");
    Instance instance = {
      .message = message,
      .fields = test_vectors_object (object, "fields"),
      .serialized = serialized,
      .keep = keep,
    };

    g_test_message ("%s %u", test_vectors_text (message, "schema"), i);
    check (&instance);
  }
}

static void
for_each_instance (InstanceFunc check)
{
  g_autoptr (JsonObject) vectors = test_vectors_load ("tl_messages.json");
  JsonArray *list = test_vectors_list (vectors, "messages");

  for (guint i = 0; i < json_array_get_length (list); i++)
    for_each_of (json_array_get_object_element (list, i), check);
}

static void
check_write (Instance *instance)
{
  gsize size = 0;
  const guint8 *expected = g_bytes_get_data (instance->serialized, &size);
  g_autofree guint8 *buffer = g_malloc (size);
  CloveRelayMessage message = { 0 };
  CloveWriter writer = { 0 };

  fill_message (&message, instance);
  g_assert_cmpuint (clove_relay_message_size (&message), ==, size);
  clove_writer_init (&writer, buffer, size);
  clove_relay_message_write (&writer, &message);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpmem (buffer, clove_writer_get_size (&writer), expected, size);

  /* One byte less must not do. */
  clove_writer_init (&writer, buffer, size - 1);
  clove_relay_message_write (&writer, &message);
  g_assert_false (clove_writer_is_ok (&writer));
}

static void
test_write (void)
{
  for_each_instance (check_write);
}

static void
check_parse (Instance *instance)
{
  gsize size = 0;
  const guint8 *bytes = g_bytes_get_data (instance->serialized, &size);
  CloveRelayMessage expected = { 0 };
  CloveRelayMessage actual = { 0 };
  g_autoptr (GError) error = NULL;

  fill_message (&expected, instance);
  g_assert_true (clove_relay_message_parse (&actual, bytes, size, &error));
  g_assert_no_error (error);
  assert_same_message (&actual, &expected);
}

static void
test_parse (void)
{
  for_each_instance (check_parse);
}

/* How many bytes at the end are padding, which may be missing. */
static gsize
final_padding (const Instance *instance, const CloveRelayMessage *message)
{
  const char *schema = test_vectors_text (instance->message, "schema");
  g_autofree char *left = g_strndup (schema, (gsize) (strstr (schema, " = ") - schema));

  if (g_str_has_suffix (left, ":bytes") || g_str_has_suffix (left, ":string"))
    return clove_tl_bytes_padding (message->data_size);
  return 0;
}

static void
check_truncated (const Instance *instance, gsize n, gboolean is_whole)
{
  g_autofree guint8 *exact = g_memdup2 (g_bytes_get_data (instance->serialized, NULL), n);
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (clove_relay_message_parse (&message, exact, n, &error), ==, is_whole);
  if (is_whole)
    g_assert_no_error (error);
  else
    g_assert_nonnull (error);
}

static void
check_truncations (Instance *instance)
{
  gsize size = g_bytes_get_size (instance->serialized);
  CloveRelayMessage message = { 0 };
  gsize needed = 0;

  fill_message (&message, instance);
  needed = size - final_padding (instance, &message);
  for (gsize n = 0; n < size;) {
    check_truncated (instance, n, n >= needed);
    n += n < N_TRIED_LENGTHS || n + N_LAST_LENGTHS + STRIDE > size ? 1 : STRIDE;
  }
}

static void
test_truncated (void)
{
  for_each_instance (check_truncations);
}

static void
check_overlong (Instance *instance)
{
  static const guint8 more[4] = { 0 };
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  g_byte_array_append (longer, g_bytes_get_data (instance->serialized, NULL),
                       (guint) g_bytes_get_size (instance->serialized));
  g_byte_array_append (longer, more, sizeof more);
  g_assert_false (clove_relay_message_parse (&message, longer->data, longer->len, &error));
  g_assert_nonnull (error);
}

static void
test_overlong (void)
{
  for_each_instance (check_overlong);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/wire/tl-messages/write", test_write);
  g_test_add_func ("/clove/wire/tl-messages/parse", test_parse);
  g_test_add_func ("/clove/wire/tl-messages/truncated", test_truncated);
  g_test_add_func ("/clove/wire/tl-messages/overlong", test_overlong);
  return g_test_run ();
}
