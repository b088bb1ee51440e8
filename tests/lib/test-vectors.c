/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the vector files of tests/data/vectors; a missing or malformed file fails the test. */
#include "config.h"

#include "test-vectors.h"

#include <string.h>

/** test_vectors_load: (transfer full): Load tests/data/vectors/@name. */
JsonObject *
test_vectors_load (const char *name)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "data", "vectors", name, NULL);

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

/** test_vectors_unhex: (transfer full): Decode hex digits. */
GBytes *
test_vectors_unhex (const char *hex)
{
  gsize n_digits = strlen (hex);
  g_autofree guint8 *bytes = g_malloc (n_digits / 2 + 1);

  g_assert_cmpuint (n_digits % 2, ==, 0);
  for (gsize i = 0; i < n_digits; i += 2) {
    gint high = g_ascii_xdigit_value (hex[i]);
    gint low = g_ascii_xdigit_value (hex[i + 1]);

    g_assert_true (high >= 0 && low >= 0);
    bytes[i / 2] = (guint8) (high << 4 | low);
  }
  return g_bytes_new (bytes, n_digits / 2);
}

/** test_vectors_hex: (transfer full): Decode the hex string @member of @object. */
GBytes *
test_vectors_hex (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  return test_vectors_unhex (json_object_get_string_member (object, member));
}

/** test_vectors_element_hex: (transfer full): Decode the hex string at @index of @array. */
GBytes *
test_vectors_element_hex (JsonArray *array, guint index)
{
  return test_vectors_unhex (json_array_get_string_element (array, index));
}

/** test_vectors_long: Read a TL long, which the vectors hold as decimal text or as a number. */
gint64
test_vectors_long (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  g_assert_nonnull (node);
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strtoll (json_node_get_string (node), NULL, 10);
  return json_node_get_int (node);
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
