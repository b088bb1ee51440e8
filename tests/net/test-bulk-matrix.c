/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Large bodies over relays like the reference, in every combination of size, number, loss and
 * disturbance, each with many seeds. Prints how many of each came and the median of their times,
 * which are of the fake clock: what is waited, not what is computed.
 *
 *   net-bulk-matrix [--seeds=N] [--seed=S] [--steps=MEGABYTES] [--table]
 *
 * --steps is the size of the largest body; with --table nothing is judged but the bytes.
 */
#include "config.h"

#include "clove-demo-file.h"
#include "front.h"
#include "run-options.h"

#include <string.h>

#define MB          ((gsize) 1000 * 1000)
#define DEADLINE_US (10 * G_TIME_SPAN_MINUTE)

typedef enum {
  UNDISTURBED,
  EXIT_DIES_WITH_STANDBY,
  EXIT_DIES,
} Disturbance;

typedef struct {
  gsize size;
  guint n_at_once;
  guint loss; /* thousandths, at each end of each link */
  Disturbance disturbance;
} Cell;

/* Some downloads of one run. */
typedef struct {
  const Cell *cell;
  Front *front;
  GPtrArray *browsers;
} Run;

static const gsize sizes[] = { 1 * MB, 5 * MB, 50 * MB };
static const guint numbers[] = { 1, 4 };
static const guint losses[] = { 0, 1, 10 };
static const char *const disturbances[] = { "undisturbed", "exit dies, standby", "exit dies" };

static RunOptions arguments = { .n_seeds = 1, .first_seed = 1, .n_steps = 1 };

static gboolean
are_all_done (gpointer user_data)
{
  const Run *run = user_data;

  for (guint i = 0; i < run->browsers->len; i++)
    if (!browser_is_done (run->browsers->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_midway (gpointer user_data)
{
  const Run *run = user_data;
  const Browser *first = run->browsers->pdata[0];

  return first->read->len >= run->cell->size / 2 || are_all_done (user_data);
}

static Browser *
begin_file (Front *front, gsize size)
{
  g_autofree char *request =
    g_strdup_printf ("GET http://demo.ton/file/%zu HTTP/1.1\r\nHost: demo.ton\r\n\r\n", size);

  return front_begin (front, request);
}

/* Less than all may have come, but nothing else than the file. */
static gboolean
has_come_right (Browser *browser, gsize file_size)
{
  g_autofree guint8 *expected = g_malloc (file_size);
  const guint8 *body = NULL;
  gsize size = 0;

  if (!browser_is_done (browser) || browser_get_status (browser) != 200)
    return FALSE;
  body = browser_get_body (browser, &size);
  clove_demo_file_fill (file_size, 0, expected, file_size);
  g_assert_cmpuint (size, <=, file_size);
  g_assert_cmpint (memcmp (body, expected, size), ==, 0);
  return size == file_size;
}

/* Returns: how many came whole; @time_us_out: when the last of them had come */
static guint
run_cell (const Cell *cell, guint64 seed, gint64 *time_us_out)
{
  g_autofree char *faults = g_strdup_printf ("lose all %u", cell->loss);
  const FrontOptions options = {
    .n_relays = 6,
    .n_exits = 3,
    .plays_reference = TRUE,
    .seed = seed,
    .has_standby = cell->disturbance == EXIT_DIES_WITH_STANDBY,
    .faults = cell->loss > 0 ? faults : NULL,
  };
  g_autoptr (Front) front = front_new (&options);
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
  Run run = { .cell = cell, .front = front, .browsers = browsers };
  gint64 began_us = front_now_us (front);
  guint n_good = 0;

  for (guint i = 0; i < cell->n_at_once; i++)
    g_ptr_array_add (browsers, begin_file (front, cell->size));
  if (cell->disturbance != UNDISTURBED &&
      test_loop_try_until (front->net.clock, is_midway, &run, DEADLINE_US))
    test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
  test_loop_try_until (front->net.clock, are_all_done, &run, DEADLINE_US);
  *time_us_out = front_now_us (front) - began_us;
  for (guint i = 0; i < cell->n_at_once; i++)
    n_good += has_come_right (browsers->pdata[i], cell->size) ? 1 : 0;
  return n_good;
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 *left = a;
  const gint64 *right = b;

  return (*left > *right) - (*left < *right);
}

static void
test_cell (gconstpointer user_data)
{
  const Cell *cell = user_data;
  guint n_runs = (guint) arguments.n_seeds;
  g_autofree gint64 *times_us = g_new0 (gint64, n_runs);
  guint middle = n_runs / 2;
  guint n_good = 0;

  for (guint i = 0; i < n_runs; i++)
    n_good += run_cell (cell, (guint64) arguments.first_seed + i, &times_us[i]);
  qsort (times_us, n_runs, sizeof *times_us, compare_times);
  g_test_message ("%2zu MB x %u, %.1f %% lost, %s: %u of %u, median %.2f s, at most %.2f s",
                  cell->size / MB, cell->n_at_once, cell->loss / 10.0,
                  disturbances[cell->disturbance], n_good, n_runs * cell->n_at_once,
                  (gdouble) times_us[middle] / G_USEC_PER_SEC,
                  (gdouble) times_us[n_runs - 1] / G_USEC_PER_SEC);
  if (!arguments.is_table)
    g_assert_cmpuint (n_good, ==, n_runs * cell->n_at_once);
}

static void
add_cell (const Cell *cell)
{
  g_autofree char *path = g_strdup_printf ("/clove/bulk-matrix/%zu-mb/%u/%u-per-mille/%s",
                                           cell->size / MB, cell->n_at_once, cell->loss,
                                           disturbances[cell->disturbance]);

  g_test_add_data_func_full (path, g_memdup2 (cell, sizeof *cell), test_cell, g_free);
}

int
main (int argc, char *argv[])
{
  run_options_parse (&arguments, &argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes) && sizes[i] <= (gsize) arguments.n_steps * MB; i++)
    for (guint j = 0; j < G_N_ELEMENTS (numbers); j++)
      for (guint k = 0; k < G_N_ELEMENTS (losses); k++)
        for (guint l = 0; l < G_N_ELEMENTS (disturbances); l++) {
          const Cell cell = { sizes[i], numbers[j], losses[k], (Disturbance) l };

          add_cell (&cell);
        }
  return g_test_run ();
}
