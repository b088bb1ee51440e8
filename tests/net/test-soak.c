/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relays break and are mended, people read pages, forms are sent, circuits rotate: all by chance,
 * all from a seed. After each step everything that must hold is looked at.
 *
 *   net-soak [--seeds=N] [--seed=FIRST] [--steps=N] [--reference]
 */
#include "config.h"

#include "run-options.h"
#include "soak.h"

static RunOptions arguments = { .n_seeds = 10, .first_seed = 1, .n_steps = 100 };

static void
run_all (gboolean plays_reference)
{
  guint n_asked = 0;
  guint n_pages = 0;
  guint n_saved = 0;
  gint64 slowest_us = 0;

  for (gint i = 0; i < arguments.n_seeds; i++) {
    Soak soak = { 0 };

    soak_run (&soak, (guint64) (arguments.first_seed + i), (guint) arguments.n_steps,
              plays_reference);
    n_asked += soak.n_asked;
    n_pages += soak.n_pages;
    n_saved += soak.n_saved;
    slowest_us = MAX (slowest_us, soak.slowest_us);
  }
  g_test_message ("%d runs: %u requests, %u pages, %u of them saved by a rule, the slowest answer "
                  "after %.1f s",
                  arguments.n_seeds, n_asked, n_pages, n_saved,
                  (gdouble) slowest_us / G_USEC_PER_SEC);
  g_assert_cmpuint (n_pages, >, n_asked / 3);
  g_assert_cmpuint (n_saved, >, 0);
}

static void
test_sound (void)
{
  run_all (FALSE);
}

static void
test_reference (void)
{
  run_all (TRUE);
}

int
main (int argc, char *argv[])
{
  run_options_parse (&arguments, &argc, &argv);
  g_test_init (&argc, &argv, NULL);
  if (!arguments.plays_reference)
    g_test_add_func ("/clove/soak/sound", test_sound);
  g_test_add_func ("/clove/soak/reference", test_reference);
  return g_test_run ();
}
