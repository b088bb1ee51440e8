/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-random.h"
#include "clove-reader.h"
#include "clove-writer.h"

static void
test_numbers (void)
{
  static const guint8 expected[] = { 0xfe, 0x12, 0x34, 0x01, 0x02, 0x03, 0x84, 0xf1,
                                     0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8 };
  guint8 buffer[sizeof expected] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_writer_u8 (&writer, 0xfe);
  clove_writer_u16_be (&writer, 0x1234);
  clove_writer_u32 (&writer, 0x84030201);
  clove_writer_u64 (&writer, G_GUINT64_CONSTANT (0xf8f7f6f5f4f3f2f1));
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_cmpmem (buffer, clove_writer_get_size (&writer), expected, sizeof expected);
}

/* What does not fit is not written at all, and neither is what comes after it. */
static void
test_full (void)
{
  guint8 buffer[4] = { 9, 9, 9, 9 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, 3);
  clove_writer_u8 (&writer, 1);
  clove_writer_u32 (&writer, 0);
  g_assert_false (clove_writer_is_ok (&writer));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, 1);
  clove_writer_u8 (&writer, 2);
  clove_writer_bytes (&writer, NULL, 0);
  g_assert_null (clove_writer_reserve (&writer, 0));
  g_assert_cmpuint (clove_writer_get_size (&writer), ==, 1);
  g_assert_cmpuint (buffer[0], ==, 1);
  for (gsize i = 1; i < sizeof buffer; i++)
    g_assert_cmpuint (buffer[i], ==, 9);
}

static void
test_reserve (void)
{
  guint8 buffer[8] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_writer_bytes (&writer, NULL, 0);
  g_assert_true (clove_writer_reserve (&writer, 3) == buffer);
  g_assert_true (clove_writer_reserve (&writer, 5) == buffer + 3);
  g_assert_nonnull (clove_writer_reserve (&writer, 0));
  g_assert_true (clove_writer_is_ok (&writer));
  g_assert_null (clove_writer_reserve (&writer, 1));
  g_assert_false (clove_writer_is_ok (&writer));
}

static void
test_huge (void)
{
  guint8 buffer[8] = { 0 };
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_writer_u8 (&writer, 1);
  g_assert_null (clove_writer_reserve (&writer, G_MAXSIZE));
  g_assert_false (clove_writer_is_ok (&writer));
}

static void
write_random (CloveWriter *writer, CloveRandom *steps, CloveRandom *values)
{
  guint8 raw[8] = { 0 };
  CloveReader reader = { 0 };

  clove_random_bytes (values, raw, sizeof raw);
  clove_reader_init (&reader, raw, sizeof raw);
  switch (clove_random_uniform (steps, 5)) {
    case 0:
      clove_writer_u8 (writer, clove_reader_u8 (&reader));
      break;
    case 1:
      clove_writer_u16_be (writer, clove_reader_u16_be (&reader));
      break;
    case 2:
      clove_writer_u32 (writer, clove_reader_u32 (&reader));
      break;
    case 3:
      clove_writer_u64 (writer, clove_reader_u64 (&reader));
      break;
    default:
      clove_writer_bytes (writer, raw, raw[0] % 8);
      break;
  }
}

static void
read_random (CloveReader *reader, CloveRandom *steps, CloveRandom *values)
{
  guint8 raw[8] = { 0 };
  CloveReader expected = { 0 };

  clove_random_bytes (values, raw, sizeof raw);
  clove_reader_init (&expected, raw, sizeof raw);
  switch (clove_random_uniform (steps, 5)) {
    case 0:
      g_assert_cmphex (clove_reader_u8 (reader), ==, clove_reader_u8 (&expected));
      break;
    case 1:
      g_assert_cmphex (clove_reader_u16_be (reader), ==, clove_reader_u16_be (&expected));
      break;
    case 2:
      g_assert_cmphex (clove_reader_u32 (reader), ==, clove_reader_u32 (&expected));
      break;
    case 3:
      g_assert_cmphex (clove_reader_u64 (reader), ==, clove_reader_u64 (&expected));
      break;
    default:
      g_assert_cmpmem (clove_reader_bytes (reader, raw[0] % 8), raw[0] % 8, raw, raw[0] % 8);
      break;
  }
}

/* Random values in random order come out of the reader as they went in. */
static void
test_round_trip (void)
{
  for (guint64 seed = 0; seed < 200; seed++) {
    g_autoptr (CloveRandom) steps = clove_random_new_seeded (seed);
    g_autoptr (CloveRandom) values = clove_random_new_seeded (seed + 1000);
    g_autoptr (CloveRandom) steps_again = clove_random_new_seeded (seed);
    g_autoptr (CloveRandom) values_again = clove_random_new_seeded (seed + 1000);
    guint8 buffer[512] = { 0 };
    CloveWriter writer = { 0 };
    CloveReader reader = { 0 };

    clove_writer_init (&writer, buffer, sizeof buffer);
    for (guint i = 0; i < 50; i++)
      write_random (&writer, steps, values);
    g_assert_true (clove_writer_is_ok (&writer));
    clove_reader_init (&reader, buffer, clove_writer_get_size (&writer));
    for (guint i = 0; i < 50; i++)
      read_random (&reader, steps_again, values_again);
    g_assert_true (clove_reader_is_ok (&reader));
    g_assert_cmpuint (clove_reader_get_remaining (&reader), ==, 0);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/base/writer/numbers", test_numbers);
  g_test_add_func ("/clove/base/writer/full", test_full);
  g_test_add_func ("/clove/base/writer/reserve", test_reserve);
  g_test_add_func ("/clove/base/writer/huge", test_huge);
  g_test_add_func ("/clove/base/writer/round-trip", test_round_trip);
  return g_test_run ();
}
