/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-hosts.h"
#include "clove-bulk-plan.h"
#include "clove-bulk-window.h"

#include "clove-random.h"

#define MAX_HELD (512 * 1024)

static guint8
byte_at (gint64 position)
{
  guint64 value = (guint64) position * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint8) (value >> 56);
}

static void
give (CloveBulkPlan *plan, CloveBulkPiece *piece, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    bytes[i] = byte_at (piece->first + (gint64) (piece->n_have + i));
  clove_bulk_plan_add (plan, piece, bytes, size);
}

/* Reads at most @most bytes; every one must be the next. */
static gsize
read_some (CloveBulkPlan *plan, gint64 *position, gsize most)
{
  gsize n_read = 0;
  gsize size = 0;
  const guint8 *data = NULL;

  while (n_read < most && (data = clove_bulk_plan_peek (plan, &size)) != NULL) {
    size = MIN (size, most - n_read);
    for (gsize i = 0; i < size; i++)
      g_assert_cmpuint (data[i], ==, byte_at (*position + (gint64) i));
    clove_bulk_plan_consume (plan, size);
    *position += (gint64) size;
    n_read += size;
  }
  return n_read;
}

typedef struct {
  CloveRandom *random;
  CloveBulkPlan *plan;
  CloveBulkWindow window;
  GPtrArray *asked; /* borrowed CloveBulkPiece */
  gint64 now_us;
  gsize n_sent; /* bytes that came, those that came twice included */
} Simulation;

static void
ask_for_all (Simulation *self)
{
  while (clove_bulk_window_get_room (&self->window) > 0) {
    CloveBulkPiece *piece = clove_bulk_plan_take (
      self->plan, clove_bulk_window_get_piece_size (&self->window), self->now_us);

    if (piece == NULL)
      return;
    g_assert_cmpuint (piece->size, >, piece->n_have);
    g_assert_cmpuint (piece->size, <=, CLOVE_BULK_MAX_PIECE);
    clove_bulk_window_note_sent (&self->window, piece->size);
    g_ptr_array_add (self->asked, piece);
    g_assert_cmpuint (clove_bulk_plan_get_held (self->plan), <=, MAX_HELD);
    g_assert_cmpuint (clove_bulk_plan_get_memory (self->plan), <=, MAX_HELD + MAX_HELD / 8);
  }
}

/* One of the pieces that are under way, whichever, comes whole or in part or not at all. */
static void
end_one (Simulation *self, guint lost_percent)
{
  guint index = clove_random_uniform (self->random, self->asked->len);
  CloveBulkPiece *piece = g_ptr_array_index (self->asked, index);
  gboolean is_lost = clove_random_uniform (self->random, 100) < lost_percent;
  gsize left = piece->size - piece->n_have;
  gsize counted = piece->size;

  g_ptr_array_remove_index_fast (self->asked, index);
  if (is_lost)
    left = clove_random_uniform (self->random, (guint32) left);
  give (self->plan, piece, left);
  self->n_sent += left;
  self->now_us += 1000;
  if (is_lost) {
    clove_bulk_plan_lose (self->plan, piece, self->now_us + 500);
    clove_bulk_window_note_lost (&self->window, counted, counted, self->now_us - 1000,
                                 self->now_us);
  } else {
    clove_bulk_plan_finish (self->plan, piece);
    clove_bulk_window_note_arrived (&self->window, counted);
  }
}

/* Every byte comes out once and in order, within the bound on memory, whatever is lost. */
static void
simulate (guint64 seed, guint lost_percent)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (seed);
  gint64 first = clove_random_uniform (random, 100000);
  gint64 end = first + 1 + clove_random_uniform (random, 3000000);
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (first, end, MAX_HELD);
  g_autoptr (GPtrArray) asked = g_ptr_array_new ();
  Simulation self = { .random = random, .plan = plan, .asked = asked };
  gint64 position = first;

  clove_bulk_window_init (&self.window);
  while (position < end) {
    ask_for_all (&self);
    if (asked->len > 0)
      end_one (&self, lost_percent);
    else
      self.now_us += 1000;
    if (clove_random_uniform (random, 3) == 0)
      (void) read_some (plan, &position, clove_random_uniform (random, 200000));
    g_assert_cmpint (clove_bulk_plan_is_complete (plan) && position == end, ==, position == end);
  }
  g_assert_cmpint (position, ==, end);
  g_assert_true (clove_bulk_plan_is_complete (plan));
  /* What came is never asked for a second time. */
  g_assert_cmpuint (self.n_sent, ==, (gsize) (end - first));
  g_assert_cmpuint (clove_bulk_window_get_in_flight (&self.window), ==, 0);
  g_assert_null (clove_bulk_plan_take (plan, 1000, G_MAXINT64));
}

static void
test_simulation (void)
{
  static const guint lost_percents[] = { 0, 1, 10, 50, 90 };

  for (gsize i = 0; i < G_N_ELEMENTS (lost_percents); i++) {
    for (guint64 seed = 1; seed <= 20; seed++)
      simulate (seed, lost_percents[i]);
  }
}

static void
test_memory_bound (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (0, 100 * MAX_HELD, MAX_HELD);
  gint64 position = 0;
  CloveBulkPiece *piece = NULL;
  guint n_pieces = 0;

  while ((piece = clove_bulk_plan_take (plan, 60000, 0)) != NULL) {
    give (plan, piece, piece->size);
    clove_bulk_plan_finish (plan, piece);
    n_pieces++;
  }
  g_assert_cmpuint (n_pieces, ==, MAX_HELD / 60000);
  /* A few bytes of room are no reason to ask for a few bytes. */
  g_assert_cmpuint (read_some (plan, &position, 10000), ==, 10000);
  g_assert_null (clove_bulk_plan_take (plan, 60000, 0));
  g_assert_cmpuint (read_some (plan, &position, 50000), ==, 50000);
  g_assert_nonnull (clove_bulk_plan_take (plan, 60000, 0));
}

/* A site that gives a byte at a time must not be worth a piece, or the room of one, for each. */
static void
test_crumbs (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (0, 100 * MAX_HELD, MAX_HELD);
  CloveBulkPiece *first = clove_bulk_plan_take (plan, 60000, 0);
  gint64 position = 0;

  for (guint i = 0; i < 100000; i++) {
    CloveBulkPiece *piece = clove_bulk_plan_take (plan, 60000, 0);

    g_assert_cmpint (piece->first, ==, 60000 + i);
    give (plan, piece, 1);
    if (i % 2 == 0)
      clove_bulk_plan_finish (plan, piece);
    else
      clove_bulk_plan_lose (plan, piece, 0);
    g_assert_cmpuint (clove_bulk_plan_get_memory (plan), <, MAX_HELD);
  }
  give (plan, first, first->size);
  clove_bulk_plan_finish (plan, first);
  g_assert_cmpuint (read_some (plan, &position, G_MAXSIZE), ==, 160000);
}

static void
test_lost_comes_first (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (0, 100000, MAX_HELD);
  CloveBulkPiece *first = clove_bulk_plan_take (plan, 20000, 0);
  CloveBulkPiece *second = clove_bulk_plan_take (plan, 20000, 0);
  CloveBulkPiece *again = NULL;

  give (plan, first, 6000);
  clove_bulk_plan_lose (plan, first, 500);
  g_assert_cmpint (clove_bulk_plan_get_next_us (plan), ==, 500);
  /* Not yet: something new is asked for meanwhile. */
  g_assert_cmpint (clove_bulk_plan_take (plan, 20000, 499)->first, ==, 40000);
  again = clove_bulk_plan_take (plan, 20000, 500);
  g_assert_cmpint (again->first, ==, 6000);
  g_assert_cmpuint (again->size, ==, 14000);
  g_assert_cmpuint (again->n_failures, ==, 1);
  g_assert_cmpint (clove_bulk_plan_get_next_us (plan), ==, -1);
  clove_bulk_plan_finish (plan, second); /* with nothing: no progress, but no loss either */
  g_assert_cmpint (clove_bulk_plan_take (plan, 20000, 500)->first, ==, 20000);
}

/* What fails again and again is asked for in smaller parts. */
static void
test_shrinks (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (0, 1000000, MAX_HELD);
  gsize size = 16384;

  for (guint i = 0; i < 10; i++) {
    CloveBulkPiece *piece = clove_bulk_plan_take (plan, 16384, 0);

    g_assert_cmpint (piece->first, ==, 0);
    g_assert_cmpuint (piece->size, <=, size);
    size = piece->size;
    clove_bulk_plan_lose (plan, piece, 0);
  }
  g_assert_cmpuint (size, ==, 4096);
}

static void
test_short_answer (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (0, 50000, MAX_HELD);
  CloveBulkPiece *piece = clove_bulk_plan_take (plan, 50000, 0);
  gint64 position = 0;

  give (plan, piece, 10000);
  clove_bulk_plan_finish (plan, piece);
  piece = clove_bulk_plan_take (plan, 50000, 0);
  g_assert_cmpint (piece->first, ==, 10000);
  g_assert_cmpuint (piece->size, ==, 40000);
  g_assert_cmpuint (piece->n_failures, ==, 0);
  give (plan, piece, 40000);
  /* Read to its last byte while it is still under way. */
  g_assert_cmpuint (read_some (plan, &position, 50000), ==, 50000);
  g_assert_true (clove_bulk_plan_is_complete (plan));
  clove_bulk_plan_finish (plan, piece);
  g_assert_cmpuint (clove_bulk_plan_get_held (plan), ==, 0);
}

/* Keeps @size bytes of @piece from @position on. */
static CloveBulkPiece *
keep (CloveBulkPlan *plan, CloveBulkPiece *piece, gint64 position, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = byte_at (position + (gint64) i);
  return clove_bulk_plan_keep (plan, piece, position, bytes, size);
}

/* What came behind a gap is not asked for again, and is read in its place. */
static void
test_keeps_islands (void)
{
  g_autoptr (CloveBulkPlan) plan = clove_bulk_plan_new (100, 40100, MAX_HELD);
  CloveBulkPiece *piece = clove_bulk_plan_take (plan, 40000, 0);
  CloveBulkPiece *rest = NULL;
  gint64 position = 100;
  gsize n_asked = 0;

  give (plan, piece, 5000);
  rest = keep (plan, piece, 11100, 6000);
  rest = keep (plan, rest, 17100, 6000);
  rest = keep (plan, rest, 30100, 10000);
  g_assert_null (rest);
  clove_bulk_plan_lose (plan, piece, 0);
  g_assert_cmpuint (read_some (plan, &position, 40000), ==, 5000);
  while ((piece = clove_bulk_plan_take (plan, 40000, 0)) != NULL) {
    n_asked += piece->size;
    give (plan, piece, piece->size);
    clove_bulk_plan_finish (plan, piece);
  }
  g_assert_cmpuint (n_asked, ==, 40000 - 5000 - 22000);
  g_assert_true (clove_bulk_plan_is_complete (plan));
  g_assert_cmpuint (read_some (plan, &position, 40000), ==, 35000);
  g_assert_cmpuint (clove_bulk_plan_get_held (plan), ==, 0);
}

static void
test_hosts (void)
{
  g_autoptr (CloveBulkHosts) hosts = clove_bulk_hosts_new ();

  g_assert_false (clove_bulk_hosts_has_wholes_only (hosts, "a.ton"));
  clove_bulk_hosts_note_wholes_only (hosts, "a.ton");
  clove_bulk_hosts_note_wholes_only (hosts, "a.ton");
  g_assert_cmpuint (clove_bulk_hosts_get_size (hosts), ==, 1);
  for (guint i = 0; i < 2 * CLOVE_BULK_MAX_HOSTS; i++) {
    g_autofree char *host = g_strdup_printf ("%u.ton", i);

    clove_bulk_hosts_note_wholes_only (hosts, host);
    /* Met again and again, it is not the one that is forgotten. */
    g_assert_true (clove_bulk_hosts_has_wholes_only (hosts, "a.ton"));
  }
  g_assert_cmpuint (clove_bulk_hosts_get_size (hosts), ==, CLOVE_BULK_MAX_HOSTS);
  g_assert_false (clove_bulk_hosts_has_wholes_only (hosts, "0.ton"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/bulk-plan/simulation", test_simulation);
  g_test_add_func ("/clove/proxy/bulk-plan/memory-bound", test_memory_bound);
  g_test_add_func ("/clove/proxy/bulk-plan/crumbs", test_crumbs);
  g_test_add_func ("/clove/proxy/bulk-plan/lost-comes-first", test_lost_comes_first);
  g_test_add_func ("/clove/proxy/bulk-plan/shrinks", test_shrinks);
  g_test_add_func ("/clove/proxy/bulk-plan/short-answer", test_short_answer);
  g_test_add_func ("/clove/proxy/bulk-plan/keeps-islands", test_keeps_islands);
  g_test_add_func ("/clove/proxy/bulk-plan/hosts", test_hosts);
  return g_test_run ();
}
