/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the vector files of tests/data/vectors. A missing or malformed file and an empty list fail
 * the test; a member that a case does not have reads as zero, empty or %NULL and compares equal to
 * anything.
 */
#include "config.h"

#include "test-vectors.h"

#include <string.h>

#define INT256_SIZE 32

/** test_vectors_load: (transfer full): Load tests/data/vectors/@name. */
JsonObject *
test_vectors_load (const char *name)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "vectors", name, NULL);

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

/** test_vectors_has: Tell whether @object has @member and it is not null. */
gboolean
test_vectors_has (JsonObject *object, const char *member)
{
  return json_object_has_member (object, member) && !json_object_get_null_member (object, member);
}

/** test_vectors_list: (transfer none): Get a list, which must not be empty. */
JsonArray *
test_vectors_list (JsonObject *object, const char *member)
{
  JsonArray *list = NULL;

  if (!test_vectors_has (object, member))
    g_error ("The vectors have no list “%s”", member);
  list = json_object_get_array_member (object, member);
  if (json_array_get_length (list) == 0)
    g_error ("The list “%s” of the vectors is empty", member);
  return list;
}

/** test_vectors_object: (transfer none): Get an object, which must be there. */
JsonObject *
test_vectors_object (JsonObject *object, const char *member)
{
  if (!test_vectors_has (object, member))
    g_error ("The vectors have no object “%s”", member);
  return json_object_get_object_member (object, member);
}

/** test_vectors_text: (nullable) (transfer none): Get a text, borrowed. */
const char *
test_vectors_text (JsonObject *object, const char *member)
{
  return test_vectors_has (object, member) ? json_object_get_string_member (object, member) : NULL;
}

/** test_vectors_long: Read a number, which the vectors hold as decimal text or as a number. */
gint64
test_vectors_long (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (!test_vectors_has (object, member))
    return 0;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtoll (json_node_get_string (node), NULL, 10);
  return json_node_get_int (node);
}

/** test_vectors_unhex: (transfer full): Decode hex digits. */
GBytes *
test_vectors_unhex (const char *hex)
{
  gsize n_digits = strlen (hex);
  guint8 *bytes = g_malloc (n_digits / 2);

  /* Memory of exact size lets the sanitizers see one byte too many. */
  g_assert_cmpuint (n_digits % 2, ==, 0);
  for (gsize i = 0; i < n_digits; i += 2) {
    gint high = g_ascii_xdigit_value (hex[i]);
    gint low = g_ascii_xdigit_value (hex[i + 1]);

    g_assert_true (high >= 0 && low >= 0);
    bytes[i / 2] = (guint8) (high << 4 | low);
  }
  return g_bytes_new_take (bytes, n_digits / 2);
}

/** test_vectors_hex: (transfer full): Decode the hex digits of @member, which must be there. */
GBytes *
test_vectors_hex (JsonObject *object, const char *member)
{
  if (!test_vectors_has (object, member))
    g_error ("The vectors have no bytes “%s”", member);
  return test_vectors_unhex (json_object_get_string_member (object, member));
}

/** test_vectors_element_hex: (transfer full): Decode the hex string at @index of @array. */
GBytes *
test_vectors_element_hex (JsonArray *array, guint index)
{
  return test_vectors_unhex (json_array_get_string_element (array, index));
}

/**
 * test_vectors_borrow:
 * @keep: array with g_bytes_unref() as free function; owns what is returned
 * @object: a case
 * @member: name of hex bytes
 * @size_out: (out): how many
 *
 * Returns: (transfer none) (nullable): the bytes; %NULL and 0 when the case has none
 */
const guint8 *
test_vectors_borrow (GPtrArray *keep, JsonObject *object, const char *member, gsize *size_out)
{
  GBytes *bytes = NULL;

  *size_out = 0;
  if (!test_vectors_has (object, member))
    return NULL;
  bytes = test_vectors_hex (object, member);
  g_ptr_array_add (keep, bytes);
  return g_bytes_get_data (bytes, size_out);
}

/** test_vectors_borrow_32: (transfer none): Like test_vectors_borrow(); absent is 32 zero bytes. */
const guint8 *
test_vectors_borrow_32 (GPtrArray *keep, JsonObject *object, const char *member)
{
  static const guint8 zeros[INT256_SIZE] = { 0 };
  gsize size = 0;
  const guint8 *bytes = test_vectors_borrow (keep, object, member, &size);

  if (size == 0)
    return zeros;
  g_assert_cmpuint (size, ==, INT256_SIZE);
  return bytes;
}

/** test_assert_bytes: Fail unless both hold the same bytes. */
void
test_assert_bytes (GBytes *actual, GBytes *expected)
{
  gsize actual_size = 0;
  gsize expected_size = 0;
  const guint8 *actual_data = g_bytes_get_data (actual, &actual_size);
  const guint8 *expected_data = g_bytes_get_data (expected, &expected_size);

  g_assert_cmpmem (actual_data, actual_size, expected_data, expected_size);
}

/** test_assert_member: Fail unless hex @member of @object, when it is there, holds the bytes. */
void
test_assert_member (JsonObject *object, const char *member, const guint8 *actual, gsize actual_size)
{
  g_autoptr (GBytes) expected = NULL;
  gsize expected_size = 0;
  const guint8 *expected_data = NULL;

  if (!test_vectors_has (object, member))
    return;
  expected = test_vectors_hex (object, member);
  expected_data = g_bytes_get_data (expected, &expected_size);
  g_assert_cmpmem (actual, actual_size, expected_data, expected_size);
}
