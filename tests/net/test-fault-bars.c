/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Clove promises about dead relays, each with many seeds.
 *
 *   net-fault-bars [--seeds=N] [--seed=S]
 */
#include "config.h"

#include "faults.h"
#include "run-options.h"

#include <string.h>

/* A small directory, as the real one is today. */
#define N_RELAYS 5
#define N_EXITS  2

static RunOptions arguments = { .n_seeds = 4, .first_seed = 1 };

/* Whoever fails alone is found within ten seconds, and nobody else suffers for it. */
static void
test_names (gconstpointer user_data)
{
  static const char *const kinds[] = { "kill", "freeze" };
  FrontOptions options = *(const FrontOptions *) user_data;
  guint n_trials = (guint) arguments.n_seeds * 5;
  g_autoptr (CloveRandom) random = clove_random_new_seeded ((guint64) arguments.first_seed);
  guint n_named = 0;
  guint n_wronged = 0;

  options.seed = (guint64) arguments.first_seed;
  for (guint i = 0; i < n_trials; i++, options.seed++) {
    FaultPlace place = (FaultPlace) clove_random_uniform (random, CLOVE_MAX_HOPS);
    const FaultKind *kind = fault_kind_find (kinds[clove_random_uniform (random, 2)]);
    FaultResult result = { 0 };

    fault_run (kind, place, &options, &result);
    n_named += result.n_named == 1 && result.n_wronged == 0 ? 1 : 0;
    n_wronged += result.n_wronged;
  }
  g_test_message ("%u of %u named, %u of %u healthy relays banned", n_named, n_trials, n_wronged,
                  n_trials * (options.n_relays - 1));
  g_assert_cmpuint (n_named * 100, >=, n_trials * 95);
  g_assert_cmpuint (n_wronged * 100, <=, n_trials * (options.n_relays - 1));
}

static guint
count_status (GPtrArray *browsers, guint status)
{
  guint n = 0;

  for (guint i = 0; i < browsers->len; i++)
    n += browser_has_replies (browsers->pdata[i]) &&
             browser_get_status (browsers->pdata[i]) == status
           ? 1
           : 0;
  return n;
}

static gboolean
are_all_done (gpointer user_data)
{
  GPtrArray *browsers = user_data;

  for (guint i = 0; i < browsers->len; i++)
    if (!browser_is_done (browsers->pdata[i]))
      return FALSE;
  return TRUE;
}

/* A hundred pictures are on their way when the exit dies, @delay_us after they were asked for. */
static void
load_and_kill (Front *front, gint64 delay_us, guint *n_lost)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
  guint n_pages = 0;

  for (guint i = 0; i < 100; i++)
    g_ptr_array_add (browsers,
                     front_begin (front, "GET http://demo.ton/bytes/20000 HTTP/1.1\r\n"
                                         "Host: demo.ton\r\n\r\n"));
  test_loop_run_for (front->net.clock, delay_us);
  test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
  g_assert_true (test_loop_try_until (front->net.clock, are_all_done, browsers,
                                      2 * G_TIME_SPAN_MINUTE));
  n_pages = count_status (browsers, 200);
  g_test_message ("killed after %.1f ms: %u arrive, %u broken off", (gdouble) delay_us / 1000,
                  n_pages, 100 - n_pages);
  g_assert_cmpuint (count_status (browsers, 502), ==, 0);
  *n_lost += 100 - n_pages;
}

static void
test_load (gconstpointer user_data)
{
  FrontOptions options = *(const FrontOptions *) user_data;
  guint n_lost = 0;

  options.seed = (guint64) arguments.first_seed;
  for (gint i = 0; i < arguments.n_seeds; i++, options.seed++) {
    g_autoptr (Front) front = front_new (&options);
    g_autoptr (CloveRandom) random = clove_random_new_seeded (options.seed);

    load_and_kill (front, clove_random_uniform (random, 600 * 1000), &n_lost);
  }
  g_assert_cmpuint (n_lost, <=, (guint) arguments.n_seeds);
}

static guint
count_requests (Front *front, const char *exit_name)
{
  guint n = 0;

  for (guint i = 1; i <= clove_localnet_get_n_relays (front->net.localnet); i++)
    if (!g_str_equal (clove_local_relay_get_name (test_net_get_relay (&front->net, i)), exit_name))
      n += test_net_count (&front->net, i).n_requests;
  return n;
}

/* Thirty forms are being sent when the exit dies: no other exit gets any of them. To a site that
 * has answered before all of them go at once; what had to wait for its turn might well go
 * elsewhere. */
static void
test_forms (gconstpointer user_data)
{
  FrontOptions options = *(const FrontOptions *) user_data;

  options.seed = (guint64) arguments.first_seed;
  for (gint i = 0; i < arguments.n_seeds; i++, options.seed++) {
    g_autoptr (Front) front = front_new (&options);
    g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
    g_autofree char *exit_name = g_strdup (front_get_hop (front, 2));
    g_autoptr (Browser) page = front_get (front, "/");
    guint n_before = count_requests (front, exit_name);

    g_assert_cmpuint (browser_get_status (page), ==, 200);
    if (i % 2 == 0)
      test_net_command (&front->net, "kill %s", exit_name);
    for (guint j = 0; j < 30; j++)
      g_ptr_array_add (browsers, front_begin (front, "POST http://demo.ton/echo HTTP/1.1\r\n"
                                                     "Host: demo.ton\r\nContent-Length: 2\r\n"
                                                     "\r\nhi"));
    if (i % 2 == 1)
      test_net_command (&front->net, "kill %s", exit_name);
    g_assert_true (test_loop_try_until (front->net.clock, are_all_done, browsers,
                                        2 * G_TIME_SPAN_MINUTE));
    g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 2);
    g_assert_cmpuint (count_requests (front, exit_name), ==, n_before);
  }
}

static gint64
read_for (Front *front, gint64 interval_us)
{
  gint64 end_us = front_now_us (front) + interval_us;
  gint64 last_us = front_now_us (front);
  gint64 longest_us = 0;

  while (front_now_us (front) < end_us) {
    g_autoptr (Browser) browser = front_begin (
      front, "GET http://demo.ton/bytes/1000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");

    g_assert_true (test_loop_try_until (front->net.clock, browser_is_done, browser,
                                        2 * G_TIME_SPAN_MINUTE));
    longest_us = MAX (longest_us, front_now_us (front) - last_us);
    if (browser_get_status (browser) == 200)
      last_us = front_now_us (front);
    test_loop_run_for (front->net.clock, 500 * G_TIME_SPAN_MILLISECOND);
  }
  return longest_us;
}

/* Five relays of which one was dead from the start, and another circuit every minute: never
 * without pages for more than fifteen seconds. */
static void
test_small_directory (gconstpointer user_data)
{
  FrontOptions options = *(const FrontOptions *) user_data;
  gint64 longest_build_us = 0;
  gint64 longest_us = 0;

  options.seed = (guint64) arguments.first_seed;
  options.rotation_us = G_TIME_SPAN_MINUTE;
  for (gint i = 0; i < arguments.n_seeds; i++, options.seed++) {
    g_autofree char *fault = g_strdup_printf ("%s relay%d", i % 2 == 0 ? "kill" : "freeze",
                                              i % N_RELAYS + 1);
    g_autoptr (Front) front = NULL;

    options.faults = fault;
    front = front_new (&options);
    longest_build_us = MAX (longest_build_us, front->build_us);
    longest_us = MAX (longest_us, read_for (front, 10 * G_TIME_SPAN_MINUTE));
    g_assert_cmpuint (clove_keeper_get_generation (front->keeper), >, 5);
  }
  g_test_message ("first circuit after %.2f s at most, never %.2f s without a page",
                  (gdouble) longest_build_us / G_USEC_PER_SEC,
                  (gdouble) longest_us / G_USEC_PER_SEC);
  g_assert_cmpint (longest_build_us, <=, 15 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (longest_us, <=, 15 * G_TIME_SPAN_SECOND);
}

int
main (int argc, char *argv[])
{
  static const FrontOptions sound = { .n_relays = N_RELAYS, .n_exits = N_EXITS };
  static const FrontOptions many = { .n_relays = 8, .n_exits = 4 };
  static const FrontOptions standby = { .n_relays = 8, .n_exits = 4, .has_standby = TRUE };
  static const FrontOptions reference = {
    .n_relays = N_RELAYS,
    .n_exits = N_EXITS,
    .plays_reference = TRUE,
  };

  run_options_parse (&arguments, &argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/clove/bars/sound/names", &sound, test_names);
  g_test_add_data_func ("/clove/bars/many/names", &many, test_names);
  g_test_add_data_func ("/clove/bars/standby/names", &standby, test_names);
  g_test_add_data_func ("/clove/bars/standby/load", &standby, test_load);
  g_test_add_data_func ("/clove/bars/standby/forms", &standby, test_forms);
  g_test_add_data_func ("/clove/bars/sound/load", &sound, test_load);
  g_test_add_data_func ("/clove/bars/sound/forms", &sound, test_forms);
  g_test_add_data_func ("/clove/bars/sound/small-directory", &sound, test_small_directory);
  g_test_add_data_func ("/clove/bars/reference/names", &reference, test_names);
  g_test_add_data_func ("/clove/bars/reference/small-directory", &reference,
                        test_small_directory);
  g_test_add_data_func ("/clove/bars/reference/forms", &reference, test_forms);
  return g_test_run ();
}
