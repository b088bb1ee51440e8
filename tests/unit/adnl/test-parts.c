/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-adnl-cipher.h"
#include "clove-adnl-parts.h"
#include "clove-random.h"

#include <string.h>

/* A whole message with its hash. */
typedef struct {
  guint8 hash[CLOVE_CHECKSUM_SIZE];
  guint32 size;
  guint8 data[CLOVE_ADNL_MAX_JOINED_SIZE];
} Whole;

static Whole *
whole_new (CloveRandom *random, guint32 size)
{
  Whole *whole = g_new0 (Whole, 1);

  whole->size = size;
  clove_random_bytes (random, whole->data, size);
  clove_adnl_cipher_checksum (whole->hash, whole->data, size);
  return whole;
}

static guint
n_parts (const Whole *whole)
{
  return (whole->size + CLOVE_ADNL_PART_SIZE - 1) / CLOVE_ADNL_PART_SIZE;
}

static CloveAdnlMessage
make_part (const Whole *whole, guint32 offset, guint32 size)
{
  return (CloveAdnlMessage){ .type = CLOVE_ADNL_MESSAGE_PART,
                             .id = whole->hash,
                             .total_size = whole->size,
                             .offset = offset,
                             .data = whole->data + offset,
                             .data_size = size };
}

static CloveAdnlMessage
cut_part (const Whole *whole, guint number)
{
  guint32 offset = number * CLOVE_ADNL_PART_SIZE;

  return make_part (whole, offset, MIN (CLOVE_ADNL_PART_SIZE, whole->size - offset));
}

/* Adds a part that must be taken; tells whether it completed the message. */
static gboolean
add (CloveAdnlParts *parts, const CloveAdnlMessage *part, const Whole *whole)
{
  const guint8 *joined = (const guint8 *) "untouched";
  gsize size = 99;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_adnl_parts_add (parts, part, &joined, &size, &error));
  g_assert_no_error (error);
  if (joined == NULL) {
    g_assert_cmpuint (size, ==, 0);
    return FALSE;
  }
  g_assert_cmpmem (joined, size, whole->data, whole->size);
  return TRUE;
}

static void
assert_refused (CloveAdnlParts *parts, const CloveAdnlMessage *part, CloveAdnlError code)
{
  const guint8 *joined = NULL;
  gsize size = 99;
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_adnl_parts_add (parts, part, &joined, &size, &error));
  g_assert_error (error, CLOVE_ADNL_ERROR, (gint) code);
  g_assert_null (joined);
  g_assert_cmpuint (size, ==, 0);
}

static void
test_sizes (void)
{
  static const guint32 sizes[] = { 4, 1023, 1024, 1025, 2048, 6080, 8192, 8319, 8320 };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (1);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree Whole *whole = whole_new (random, sizes[i]);

    for (guint j = 0; j < n_parts (whole); j++) {
      CloveAdnlMessage part = cut_part (whole, j);

      g_assert_cmpint (add (parts, &part, whole), ==, j + 1 == n_parts (whole));
    }
  }
}

/* Any order, with repetitions; whole exactly once all are there. */
static void
test_shuffled (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (2);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();

  for (guint round = 0; round < 200; round++) {
    g_autofree Whole *whole = whole_new (random, 2000 + clove_random_uniform (random, 6321));
    guint seen = 0;
    guint all = (1u << n_parts (whole)) - 1;

    while (seen != all) {
      guint number = clove_random_uniform (random, n_parts (whole));
      CloveAdnlMessage part = cut_part (whole, number);

      seen |= 1u << number;
      g_assert_cmpint (add (parts, &part, whole), ==, seen == all);
    }
  }
}

/* As many messages at once as there is room for. */
static void
test_interleaved (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (3);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  Whole *wholes[CLOVE_ADNL_MAX_ASSEMBLIES] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    wholes[i] = whole_new (random, CLOVE_ADNL_MAX_MESSAGE_SIZE);
  for (guint j = 0; j < CLOVE_ADNL_MAX_PARTS; j++) {
    for (guint i = 0; i < G_N_ELEMENTS (wholes); i++) {
      CloveAdnlMessage part = cut_part (wholes[i], j);

      g_assert_cmpint (add (parts, &part, wholes[i]), ==, j + 1 == CLOVE_ADNL_MAX_PARTS);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    g_free (wholes[i]);
}

/*
 * The reference sends each reply, and each chunk of one, from a thread of its own: of 64 requests
 * at once, the parts of up to 52 were seen mixed.
 */
static void
test_mixed_replies (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (11);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  Whole *wholes[100] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    wholes[i] = whole_new (random, 1500);
  for (guint j = 0; j < 2; j++) {
    for (guint i = 0; i < G_N_ELEMENTS (wholes); i++) {
      CloveAdnlMessage part = cut_part (wholes[i], j);

      g_assert_cmpint (add (parts, &part, wholes[i]), ==, j == 1);
    }
  }
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    g_free (wholes[i]);
}

/* One message too many takes the place of the one that waited longest, and of no other. */
static void
test_oldest_gives_way (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (4);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  Whole *wholes[CLOVE_ADNL_MAX_ASSEMBLIES + 1] = { NULL };
  CloveAdnlMessage part = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    wholes[i] = whole_new (random, 2000);
  for (guint i = 0; i < CLOVE_ADNL_MAX_ASSEMBLIES; i++) {
    part = cut_part (wholes[i], 0);
    g_assert_false (add (parts, &part, wholes[i]));
  }
  /* The first is heard of again, so the second is the one that waited longest. */
  part = cut_part (wholes[0], 0);
  g_assert_false (add (parts, &part, wholes[0]));
  part = cut_part (wholes[CLOVE_ADNL_MAX_ASSEMBLIES], 0);
  g_assert_false (add (parts, &part, wholes[CLOVE_ADNL_MAX_ASSEMBLIES]));

  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++) {
    if (i == 1)
      continue;
    part = cut_part (wholes[i], 1);
    g_assert_true (add (parts, &part, wholes[i]));
  }
  part = cut_part (wholes[1], 1);
  g_assert_false (add (parts, &part, wholes[1]));
  part = cut_part (wholes[1], 0);
  g_assert_true (add (parts, &part, wholes[1]));
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    g_free (wholes[i]);
}

/* A peer that begins messages without end does not keep others from being joined. */
static void
test_flood (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (5);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();

  for (guint i = 0; i < 1000; i++) {
    g_autofree Whole *started = whole_new (random, 8192);
    g_autofree Whole *whole = whole_new (random, 1500);
    CloveAdnlMessage part = cut_part (started, 3);

    g_assert_false (add (parts, &part, started));
    part = cut_part (whole, 1);
    g_assert_false (add (parts, &part, whole));
    part = cut_part (whole, 0);
    g_assert_true (add (parts, &part, whole));
  }
}

static void
test_overlap (void)
{
  static const struct {
    guint32 offset;
    guint32 size;
  } cases[] = {
    { 100, 1 },
    { 199, 100 },
    { 50, 51 },
    { 100, 99 },
    { 100, 101 },
    { 0, 1000 },
    { 120, 10 },
    { 0, 101 },
  };
  g_autoptr (CloveRandom) random = clove_random_new_seeded (6);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
    g_autofree Whole *whole = whole_new (random, 1000);
    CloveAdnlMessage part = make_part (whole, 100, 100);

    g_assert_false (add (parts, &part, whole));
    part = make_part (whole, cases[i].offset, cases[i].size);
    assert_refused (parts, &part, CLOVE_ADNL_ERROR_MALFORMED);
  }
}

/* Neighbours do not overlap, whatever their sizes. */
static void
test_uneven (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (7);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  g_autofree Whole *whole = whole_new (random, 1000);
  CloveAdnlMessage part = make_part (whole, 100, 100);

  g_assert_false (add (parts, &part, whole));
  part = make_part (whole, 200, 800);
  g_assert_false (add (parts, &part, whole));
  part = make_part (whole, 0, 100);
  g_assert_true (add (parts, &part, whole));
}

static void
test_other_total (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (8);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  g_autofree Whole *whole = whole_new (random, 2000);
  CloveAdnlMessage part = cut_part (whole, 0);

  g_assert_false (add (parts, &part, whole));
  part = cut_part (whole, 1);
  part.total_size++;
  assert_refused (parts, &part, CLOVE_ADNL_ERROR_MALFORMED);

  /* After a contradiction the message can begin anew. */
  part = cut_part (whole, 1);
  g_assert_false (add (parts, &part, whole));
  part = cut_part (whole, 0);
  g_assert_true (add (parts, &part, whole));
}

static void
test_wrong_hash (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (9);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  g_autofree Whole *whole = whole_new (random, 2000);
  CloveAdnlMessage part = cut_part (whole, 0);

  g_assert_false (add (parts, &part, whole));
  whole->data[1500] ^= 1;
  part = cut_part (whole, 1);
  assert_refused (parts, &part, CLOVE_ADNL_ERROR_FORGED);

  /* The false one is gone: the right one comes through. */
  whole->data[1500] ^= 1;
  part = cut_part (whole, 1);
  g_assert_false (add (parts, &part, whole));
  part = cut_part (whole, 0);
  g_assert_true (add (parts, &part, whole));
}

/* Nobody cuts 8 KB into pieces of a few bytes. */
static void
test_too_many_pieces (void)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (10);
  g_autoptr (CloveAdnlParts) parts = clove_adnl_parts_new ();
  g_autofree Whole *whole = whole_new (random, 8320);
  gboolean is_refused = FALSE;

  for (guint32 i = 0; i < 8320 && !is_refused; i++) {
    CloveAdnlMessage part = make_part (whole, i, 1);
    const guint8 *joined = NULL;
    gsize size = 0;
    g_autoptr (GError) error = NULL;

    is_refused = !clove_adnl_parts_add (parts, &part, &joined, &size, &error);
    g_assert_cmpint (is_refused, ==, error != NULL);
    g_assert_cmpuint (i, <, 64);
  }
  g_assert_true (is_refused);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/adnl/parts/sizes", test_sizes);
  g_test_add_func ("/clove/adnl/parts/shuffled", test_shuffled);
  g_test_add_func ("/clove/adnl/parts/interleaved", test_interleaved);
  g_test_add_func ("/clove/adnl/parts/mixed-replies", test_mixed_replies);
  g_test_add_func ("/clove/adnl/parts/oldest-gives-way", test_oldest_gives_way);
  g_test_add_func ("/clove/adnl/parts/flood", test_flood);
  g_test_add_func ("/clove/adnl/parts/overlap", test_overlap);
  g_test_add_func ("/clove/adnl/parts/uneven", test_uneven);
  g_test_add_func ("/clove/adnl/parts/other-total", test_other_total);
  g_test_add_func ("/clove/adnl/parts/wrong-hash", test_wrong_hash);
  g_test_add_func ("/clove/adnl/parts/too-many-pieces", test_too_many_pieces);
  return g_test_run ();
}
