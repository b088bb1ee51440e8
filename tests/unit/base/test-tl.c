/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the vectors: sizes at which the form changes, refusals, random content. */
#include "config.h"

#include "clove-random.h"
#include "clove-tl.h"

#include <string.h>

static void
test_sizes (void)
{
  static const struct {
    gsize size;
    gsize header;
    gsize padding;
  } cases[] = {
    { 0, 1, 3 },
    { 1, 1, 2 },
    { 2, 1, 1 },
    { 3, 1, 0 },
    { 4, 1, 3 },
    { 253, 1, 2 },
    { 254, 4, 2 },
    { 255, 4, 1 },
    { 256, 4, 0 },
    { 257, 4, 3 },
    { 258, 4, 2 },
    { 259, 4, 1 },
    { 260, 4, 0 },
    { 0xffffff, 4, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpuint (clove_tl_bytes_header_size (cases[i].size), ==, cases[i].header);
    g_assert_cmpuint (clove_tl_bytes_padding (cases[i].size), ==, cases[i].padding);
    g_assert_cmpuint (clove_tl_bytes_size (cases[i].size), ==,
                      cases[i].header + cases[i].size + cases[i].padding);
    g_assert_cmpuint (clove_tl_bytes_size (cases[i].size) % 4, ==, 0);
  }
}

static void
check_round_trip (CloveRandom *random, gsize size)
{
  gsize encoded_size = clove_tl_bytes_size (size);
  g_autofree guint8 *value = g_malloc (size + 1);
  g_autofree guint8 *encoded = g_malloc (encoded_size);
  const guint8 *actual = NULL;
  gsize actual_size = 0;
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  clove_random_bytes (random, value, size);
  memset (encoded, 0xa5, encoded_size);
  clove_writer_init (&writer, encoded, encoded_size);
  clove_tl_write_bytes (&writer, value, size);
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, encoded_size);
  for (gsize i = encoded_size - clove_tl_bytes_padding (size); i < encoded_size; i++)
    g_assert_cmpuint (encoded[i], ==, 0);

  clove_reader_init (&reader, encoded, encoded_size);
  actual = clove_tl_read_bytes (&reader, &actual_size);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpmem (actual, actual_size, value, size);
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);

  clove_writer_init (&writer, encoded, encoded_size - 1);
  clove_tl_write_bytes (&writer, value, size);
  g_assert_false (clove_writer_is_ok (&writer));
}

static void
test_round_trip (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);

  for (gsize size = 0; size < 300; size++)
    check_round_trip (random, size);
  for (guint i = 0; i < 50; i++)
    check_round_trip (random, clove_random_uniform (random, 100000));
}

static void
test_largest (void)
{
  g_autoptr (GBytes) value =
    g_bytes_new_take (g_malloc0 (CLOVE_TL_MAX_BYTES + 1), CLOVE_TL_MAX_BYTES + 1);
  const guint8 *data = g_bytes_get_data (value, NULL);
  gsize capacity = clove_tl_bytes_size (CLOVE_TL_MAX_BYTES + 1);
  g_autofree guint8 *encoded = g_malloc (capacity);
  gsize size = 0;
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  clove_writer_init (&writer, encoded, capacity);
  clove_tl_write_bytes (&writer, data, CLOVE_TL_MAX_BYTES);
  g_assert_true (clove_writer_is_ok (&writer));
  clove_reader_init (&reader, encoded, clove_writer_get_size (&writer));
  g_assert_nonnull (clove_tl_read_bytes (&reader, &size));
  g_assert_cmpuint (size, ==, CLOVE_TL_MAX_BYTES);

  clove_writer_init (&writer, encoded, capacity);
  clove_tl_write_bytes (&writer, data, CLOVE_TL_MAX_BYTES + 1);
  g_assert_false (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, 0);
}

static void
test_refused (void)
{
  static const struct {
    const char *name;
    gsize size;
    guint8 data[8];
  } cases[] = {
    { "nothing", 0, { 0 } },
    { "prefix 0xff", 8, { 0xff, 0, 0, 0, 0, 0, 0, 0 } },
    { "long form of 0", 4, { 0xfe, 0, 0, 0 } },
    { "long form of 253", 4, { 0xfe, 0xfd, 0, 0 } },
    { "long form of 4, data there", 8, { 0xfe, 4, 0, 0, 1, 2, 3, 4 } },
    { "long prefix cut", 3, { 0xfe, 0xfe, 0 } },
    { "long prefix alone", 4, { 0xfe, 0xfe, 0, 0 } },
    { "one byte short", 4, { 4, 1, 2, 3 } },
    { "length alone", 1, { 1 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *exact = g_memdup2 (cases[i].data, cases[i].size);
    gsize size = 1;
    CloveReader reader = { 0 };

    g_test_message ("%s", cases[i].name);
    clove_reader_init (&reader, exact, cases[i].size);
    g_assert_null (clove_tl_read_bytes (&reader, &size));
    g_assert_cmpuint (size, ==, 0);
    g_assert_false (clove_reader_is_ok (&reader));
  }
}

/* The last padding may be missing, in whole or in part, and may hold anything. */
static void
test_padding (void)
{
  static const guint8 data[] = { 5, 1, 2, 3, 4, 5, 0xee, 0xee };

  for (gsize n = 6; n <= sizeof data; n++) {
    g_autofree guint8 *exact = g_memdup2 (data, n);
    const guint8 *value = NULL;
    gsize size = 0;
    CloveReader reader = { 0 };

    clove_reader_init (&reader, exact, n);
    value = clove_tl_read_bytes (&reader, &size);
    g_assert_cmpmem (value, size, data + 1, 5);
    g_assert_true (clove_reader_is_ok (&reader));
    g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  }
}

static void
test_bool (void)
{
  guint8 buffer[8] = { 0 };
  CloveWriter writer = { 0 };
  CloveReader reader = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_tl_write_bool (&writer, TRUE);
  clove_tl_write_bool (&writer, FALSE);
  clove_reader_init (&reader, buffer, sizeof buffer);
  g_assert_true (clove_tl_read_bool (&reader));
  g_assert_false (clove_tl_read_bool (&reader));
  g_assert_true (clove_reader_is_ok (&reader));

  /* The reference takes anything for false. */
  for (gsize i = 0; i < 4; i++) {
    g_autofree guint8 *changed = g_memdup2 (buffer, 4);

    changed[i] ^= 1;
    clove_reader_init (&reader, changed, 4);
    g_assert_false (clove_tl_read_bool (&reader));
    g_assert_false (clove_reader_is_ok (&reader));
  }
}

/* The header can be read where the value is not yet there. */
static void
test_header_alone (void)
{
  static const guint8 data[] = { 0xfe, 0x40, 0x1f, 0x00, 0x99 };
  guint8 buffer[4] = { 0 };
  CloveReader reader = { 0 };
  CloveWriter writer = { 0 };

  clove_reader_init (&reader, data, sizeof data);
  g_assert_cmpuint (clove_tl_read_bytes_header (&reader), ==, 8000);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 1);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_tl_write_bytes_header (&writer, 8000);
  g_assert_cmpmem (buffer, clove_writer_get_size (&writer), data, 4);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/tl/sizes", test_sizes);
  g_test_add_func ("/clove/base/tl/round-trip", test_round_trip);
  g_test_add_func ("/clove/base/tl/largest", test_largest);
  g_test_add_func ("/clove/base/tl/refused", test_refused);
  g_test_add_func ("/clove/base/tl/padding", test_padding);
  g_test_add_func ("/clove/base/tl/bool", test_bool);
  g_test_add_func ("/clove/base/tl/header-alone", test_header_alone);
  return g_test_run ();
}
