/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-reader.h"

static void
test_empty (void)
{
  CloveReader reader = { 0 };

  clove_reader_init (&reader, NULL, 0);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  clove_reader_skip_up_to (&reader, 5);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_u8 (&reader), ==, 0);
  g_assert_false (clove_reader_is_ok (&reader));
}

static void
test_numbers (void)
{
  static const guint8 data[] = { 0xfe, 0x12, 0x34, 0x01, 0x02, 0x03, 0x84, 0xf1,
                                 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8 };
  CloveReader reader = { 0 };

  clove_reader_init (&reader, data, sizeof data);
  g_assert_cmphex (clove_reader_u8 (&reader), ==, 0xfe);
  g_assert_cmphex (clove_reader_u16_be (&reader), ==, 0x1234);
  g_assert_cmphex (clove_reader_u32 (&reader), ==, 0x84030201);
  g_assert_cmphex (clove_reader_u64 (&reader), ==, G_GUINT64_CONSTANT (0xf8f7f6f5f4f3f2f1));
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_get_position (&reader), ==, sizeof data);
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
}

/* Each read, one byte too short: gives nothing, consumes nothing, fails for good. */
static void
test_short (void)
{
  static const gsize widths[] = { 1, 2, 4, 8, 32 };
  static const guint8 data[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++) {
    g_autofree guint8 *exact = g_memdup2 (data, widths[i] - 1);
    CloveReader reader = { 0 };
    guint64 value = 1;

    clove_reader_init (&reader, exact, widths[i] - 1);
    switch (widths[i]) {
      case 1:
        value = clove_reader_u8 (&reader);
        break;
      case 2:
        value = clove_reader_u16_be (&reader);
        break;
      case 4:
        value = clove_reader_u32 (&reader);
        break;
      case 8:
        value = clove_reader_u64 (&reader);
        break;
      default:
        value = clove_reader_bytes (&reader, widths[i]) == NULL ? 0 : 1;
        break;
    }
    g_assert_cmpuint (value, ==, 0);
    g_assert_false (clove_reader_is_ok (&reader));
    g_assert_cmpuint (clove_reader_get_position (&reader), ==, 0);
    g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
    g_assert_null (clove_reader_bytes (&reader, 0));
    clove_reader_skip_up_to (&reader, 1);
    g_assert_cmpuint (clove_reader_get_position (&reader), ==, 0);
  }
}

static void
test_bytes (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5 };
  CloveReader reader = { 0 };

  clove_reader_init (&reader, data, sizeof data);
  g_assert_true (clove_reader_bytes (&reader, 2) == data);
  g_assert_true (clove_reader_bytes (&reader, 0) == data + 2);
  clove_reader_skip_up_to (&reader, 1);
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 2);
  clove_reader_skip_up_to (&reader, G_MAXSIZE);
  g_assert_cmpuint (clove_reader_get_position (&reader), ==, sizeof data);
  g_assert_nonnull (clove_reader_bytes (&reader, 0));
  g_assert_true (clove_reader_is_ok (&reader));
}

/* A size near the top of the address space must not wrap. */
static void
test_huge (void)
{
  static const guint8 data[] = { 1, 2, 3 };
  CloveReader reader = { 0 };

  clove_reader_init (&reader, data, sizeof data);
  g_assert_cmpuint (clove_reader_u8 (&reader), ==, 1);
  g_assert_null (clove_reader_bytes (&reader, G_MAXSIZE));
  g_assert_false (clove_reader_is_ok (&reader));
}

static void
test_fail (void)
{
  static const guint8 data[] = { 1, 2, 3 };
  CloveReader reader = { 0 };

  clove_reader_init (&reader, data, sizeof data);
  clove_reader_fail (&reader);
  g_assert_false (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  g_assert_cmpuint (clove_reader_u8 (&reader), ==, 0);
  clove_reader_init (&reader, data, sizeof data);
  g_assert_true (clove_reader_is_ok (&reader));
  g_assert_cmpuint (clove_reader_u8 (&reader), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/reader/empty", test_empty);
  g_test_add_func ("/clove/base/reader/numbers", test_numbers);
  g_test_add_func ("/clove/base/reader/short", test_short);
  g_test_add_func ("/clove/base/reader/bytes", test_bytes);
  g_test_add_func ("/clove/base/reader/huge", test_huge);
  g_test_add_func ("/clove/base/reader/fail", test_fail);
  return g_test_run ();
}
