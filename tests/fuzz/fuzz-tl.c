/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives the reader by a script: the first byte gives the number of steps, each step is a byte that
 * chooses what to read next from the bytes behind. What is read is written and must give the same
 * bytes, but for what TL leaves open (padding); a reader that failed stays failed.
 */
#include "config.h"

#include "fuzz.h"

#include "clove-tl.h"

#include <string.h>

#define MAX_STEPS 64

typedef struct {
  CloveReader reader;
  CloveWriter writer;
  const guint8 *buffer;
  const uint8_t *data;
  size_t size;
} Run;

static void
assert_inside (const Run *run, const guint8 *bytes, gsize size)
{
  if (bytes == NULL) {
    g_assert_cmpuint (size, ==, 0);
    return;
  }
  g_assert_true (bytes >= run->data);
  g_assert_cmpuint ((gsize) (bytes - run->data) + size, <=, run->size);
}

static void
step_bytes (Run *run)
{
  gsize size = 0;
  gsize before = clove_reader_get_remaining (&run->reader);
  const guint8 *bytes = clove_tl_read_bytes (&run->reader, &size);
  gsize consumed = before - clove_reader_get_remaining (&run->reader);

  assert_inside (run, bytes, size);
  g_assert_true ((bytes == NULL) == !clove_reader_is_ok (&run->reader));
  if (bytes == NULL)
    return;
  /* Only the last padding may be shorter than a writer makes it. */
  g_assert_cmpuint (consumed, <=, clove_tl_bytes_size (size));
  g_assert_true (consumed == clove_tl_bytes_size (size) ||
                 clove_reader_get_remaining (&run->reader) == 0);
  clove_tl_write_bytes (&run->writer, bytes, size);
}

/* Numbers and ids have one form only: what is written is what was read. */
static void
step_plain (Run *run, guint8 step)
{
  gsize position = clove_reader_get_position (&run->reader);
  gsize written = clove_writer_get_size (&run->writer);
  const guint8 *bytes = NULL;

  switch (step % 8) {
    case 1:
      clove_writer_u8 (&run->writer, clove_reader_u8 (&run->reader));
      break;
    case 2:
      clove_writer_u16_be (&run->writer, clove_reader_u16_be (&run->reader));
      break;
    case 3:
      clove_writer_u32 (&run->writer, clove_reader_u32 (&run->reader));
      break;
    case 4:
      clove_writer_u64 (&run->writer, clove_reader_u64 (&run->reader));
      break;
    case 5:
      clove_tl_write_bool (&run->writer, clove_tl_read_bool (&run->reader));
      break;
    case 6:
      bytes = clove_tl_read_int256 (&run->reader);
      assert_inside (run, bytes, bytes != NULL ? CLOVE_INT256_SIZE : 0);
      if (bytes != NULL)
        clove_tl_write_int256 (&run->writer, bytes);
      break;
    default:
      clove_reader_skip_up_to (&run->reader, step);
      break;
  }
  if (clove_reader_is_ok (&run->reader))
    g_assert_cmpint (memcmp (run->buffer + written, run->data + position,
                             clove_writer_get_size (&run->writer) - written),
                     ==, 0);
}

/* Nothing more comes out of a reader that failed. */
static void
assert_failed_for_good (CloveReader *reader)
{
  gsize position = clove_reader_get_position (reader);
  gsize size = 1;

  g_assert_cmpuint (clove_reader_get_remaining (reader), ==, 0);
  g_assert_cmpuint (clove_reader_u8 (reader), ==, 0);
  g_assert_cmpuint (clove_reader_u64 (reader), ==, 0);
  g_assert_null (clove_reader_bytes (reader, 0));
  g_assert_null (clove_tl_read_bytes (reader, &size));
  g_assert_cmpuint (size, ==, 0);
  g_assert_false (clove_tl_read_bool (reader));
  clove_reader_skip_up_to (reader, G_MAXSIZE);
  g_assert_cmpuint (clove_reader_get_position (reader), ==, position);
  g_assert_false (clove_reader_is_ok (reader));
}

/* Values read with bytes steps alone come out of what was written. */
static void
assert_read_again (const guint8 *written, gsize written_size, const uint8_t *data, size_t size)
{
  CloveReader first = { 0 };
  CloveReader second = { 0 };

  clove_reader_init (&first, data, size);
  clove_reader_init (&second, written, written_size);
  while (clove_reader_get_remaining (&second) > 0) {
    gsize first_size = 0;
    gsize second_size = 0;
    const guint8 *a = clove_tl_read_bytes (&first, &first_size);
    const guint8 *b = clove_tl_read_bytes (&second, &second_size);

    g_assert_cmpmem (a, first_size, b, second_size);
    g_assert_true (clove_reader_is_ok (&second));
  }
}

static void
run_script (const uint8_t *steps, gsize n_steps, const uint8_t *data, size_t size)
{
  /* Each step writes at most what it read and three bytes of padding. */
  gsize capacity = size + (gsize) 4 * MAX_STEPS;
  g_autofree guint8 *buffer = g_malloc (capacity);
  Run run = { .buffer = buffer, .data = data, .size = size };
  gboolean has_only_bytes = TRUE;

  clove_reader_init (&run.reader, data, size);
  clove_writer_init (&run.writer, buffer, capacity);
  for (gsize i = 0; i < n_steps && clove_reader_is_ok (&run.reader); i++) {
    if (steps[i] % 8 == 0) {
      step_bytes (&run);
    } else {
      has_only_bytes = FALSE;
      step_plain (&run, steps[i]);
    }
    if (clove_reader_is_ok (&run.reader))
      g_assert_true (clove_writer_is_ok (&run.writer));
  }
  g_assert_cmpuint (clove_reader_get_position (&run.reader), <=, size);
  if (!clove_reader_is_ok (&run.reader))
    assert_failed_for_good (&run.reader);
  else if (has_only_bytes)
    assert_read_again (buffer, clove_writer_get_size (&run.writer), data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gsize n_steps = 0;

  if (size == 0)
    return 0;
  n_steps = MIN (data[0] % (MAX_STEPS + 1), size - 1);
  run_script (data + 1, n_steps, data + 1 + n_steps, size - 1 - n_steps);
  return 0;
}
