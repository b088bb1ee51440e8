/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-fault.h"

#include <string.h>

#define N_DATAGRAMS 1000

typedef struct {
  CloveClock *clock;
  CloveFault *fault;
  CloveFaultPort port;
  CloveAddress peer;
  GString *log; /* of every datagram that came through: time, number, direction */
  guint n_late;
  guint n_passed;
  guint n_changed;
} Fixture;

static void
note (Fixture *f, const guint8 *data, gboolean is_outgoing)
{
  guint32 number = 0;
  guint32 copy = 0;

  memcpy (&number, data, sizeof number);
  memcpy (&copy, data + sizeof number, sizeof copy);
  f->n_passed++;
  f->n_changed += number != ~copy ? 1 : 0;
  g_string_append_printf (f->log, "%" G_GINT64_FORMAT ":%u:%u:%d\n", clove_clock_now_us (f->clock),
                          number, copy, is_outgoing);
}

static void
on_deliver (guint8 *data,
            gsize size,
            const CloveAddress *peer,
            gboolean is_outgoing,
            gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_cmpuint (size, ==, 8);
  g_assert_true (clove_address_equal (peer, &f->peer));
  f->n_late++;
  note (f, data, is_outgoing);
}

static void
set_up (Fixture *f, guint64 seed)
{
  g_autoptr (CloveRandom) random = clove_random_new_seeded (seed);

  *f = (Fixture){ .clock = clove_clock_new_fake (), .log = g_string_new (NULL) };
  f->fault = clove_fault_new (f->clock, random);
  f->port = (CloveFaultPort){ .deliver = on_deliver, .user_data = f };
  clove_address_init_loopback (&f->peer, 9001);
}

static void
tear_down (Fixture *f)
{
  clove_fault_free (f->fault);
  clove_clock_unref (f->clock);
  g_string_free (f->log, TRUE);
}

static void
push (Fixture *f, guint32 number)
{
  guint32 words[2] = { number, ~number };
  guint8 data[sizeof words];

  memcpy (data, words, sizeof words);
  if (clove_fault_pass (f->fault, &f->port, data, sizeof data, &f->peer, number % 2 == 0))
    note (f, data, number % 2 == 0);
}

static void
send_all (Fixture *f)
{
  for (guint32 i = 0; i < N_DATAGRAMS; i++) {
    push (f, i);
    clove_clock_advance (f->clock, 100);
  }
  while (clove_clock_advance_to_next (f->clock)) {
  }
}

static char *
run (guint64 seed, const CloveFaultSettings *settings)
{
  Fixture f;
  char *log = NULL;

  set_up (&f, seed);
  *clove_fault_get_settings (f.fault) = *settings;
  send_all (&f);
  log = g_strdup (f.log->str);
  tear_down (&f);
  return log;
}

static void
test_same_seed (void)
{
  CloveFaultSettings settings = {
    .delay_ms = 3,
    .drop_percent = 20,
    .reorder_percent = 20,
    .corrupt_percent = 20,
  };
  g_autofree char *first = run (42, &settings);
  g_autofree char *second = run (42, &settings);
  g_autofree char *other = run (43, &settings);

  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (first, !=, other);
}

static void
test_none (void)
{
  Fixture f;

  set_up (&f, 1);
  send_all (&f);
  g_assert_cmpuint (f.n_passed, ==, N_DATAGRAMS);
  g_assert_cmpuint (f.n_late, ==, 0);
  g_assert_cmpuint (f.n_changed, ==, 0);
  tear_down (&f);
}

static void
test_drop (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->drop_percent = 30;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, >, 600);
  g_assert_cmpuint (f.n_passed, <, 800);
  g_assert_cmpuint (clove_fault_get_counters (f.fault)->n_dropped, ==, N_DATAGRAMS - f.n_passed);
  clove_fault_get_settings (f.fault)->drop_percent = 100;
  f.n_passed = 0;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, ==, 0);
  tear_down (&f);
}

static void
test_lose (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->lose_per_mille = 5;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, <, N_DATAGRAMS);
  g_assert_cmpuint (f.n_passed, >, N_DATAGRAMS - 20);
  g_assert_cmpuint (clove_fault_get_counters (f.fault)->n_dropped, ==, N_DATAGRAMS - f.n_passed);
  clove_fault_get_settings (f.fault)->lose_per_mille = 1000;
  f.n_passed = 0;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, ==, 0);
  tear_down (&f);
}

static void
test_corrupt (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->corrupt_percent = 100;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, ==, N_DATAGRAMS);
  g_assert_cmpuint (f.n_changed, ==, N_DATAGRAMS);
  tear_down (&f);
}

static void
test_delay (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->delay_ms = 50;
  push (&f, 7);
  push (&f, 8);
  clove_clock_advance (f.clock, 49999);
  g_assert_cmpuint (f.n_passed, ==, 0);
  clove_clock_advance (f.clock, 1);
  g_assert_cmpuint (f.n_late, ==, 2);
  g_assert_cmpuint (f.n_changed, ==, 0);
  g_assert_nonnull (strstr (f.log->str, ":7:"));
  g_assert_true (strstr (f.log->str, ":7:") < strstr (f.log->str, ":8:"));
  tear_down (&f);
}

static void
test_reorder (void)
{
  Fixture f;
  guint n_inversions = 0;
  guint last = 0;
  g_auto (GStrv) lines = NULL;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->reorder_percent = 10;
  send_all (&f);
  lines = g_strsplit (f.log->str, "\n", -1);
  for (char **line = lines; **line != '\0'; line++) {
    guint number = (guint) g_ascii_strtoull (strchr (*line, ':') + 1, NULL, 10);

    n_inversions += number < last ? 1 : 0;
    last = number;
  }
  g_assert_cmpuint (f.n_passed, ==, N_DATAGRAMS);
  g_assert_cmpuint (n_inversions, >, 50);
  tear_down (&f);
}

static void
test_freeze_and_forget (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->is_frozen = TRUE;
  send_all (&f);
  g_assert_cmpuint (f.n_passed, ==, 0);
  *clove_fault_get_settings (f.fault) = (CloveFaultSettings){ .delay_ms = 5 };
  push (&f, 1);
  clove_fault_forget (f.fault);
  g_assert_false (clove_clock_advance_to_next (f.clock));
  push (&f, 3);
  clove_fault_get_settings (f.fault)->is_frozen = TRUE;
  clove_clock_advance (f.clock, G_USEC_PER_SEC);
  g_assert_cmpuint (f.n_passed, ==, 0);
  clove_fault_get_settings (f.fault)->is_frozen = FALSE;
  push (&f, 2);
  tear_down (&f);
}

static void
test_bounded (void)
{
  Fixture f;

  set_up (&f, 1);
  clove_fault_get_settings (f.fault)->delay_ms = 1000;
  for (guint32 i = 0; i < CLOVE_FAULT_MAX_KEPT + 10; i++)
    push (&f, i);
  g_assert_cmpuint (clove_fault_get_counters (f.fault)->n_dropped, ==, 10);
  clove_clock_advance (f.clock, G_USEC_PER_SEC);
  g_assert_cmpuint (f.n_late, ==, CLOVE_FAULT_MAX_KEPT);
  tear_down (&f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/fault/same-seed", test_same_seed);
  g_test_add_func ("/clove/localnet/fault/none", test_none);
  g_test_add_func ("/clove/localnet/fault/drop", test_drop);
  g_test_add_func ("/clove/localnet/fault/lose", test_lose);
  g_test_add_func ("/clove/localnet/fault/corrupt", test_corrupt);
  g_test_add_func ("/clove/localnet/fault/delay", test_delay);
  g_test_add_func ("/clove/localnet/fault/reorder", test_reorder);
  g_test_add_func ("/clove/localnet/fault/freeze-and-forget", test_freeze_and_forget);
  g_test_add_func ("/clove/localnet/fault/bounded", test_bounded);
  return g_test_run ();
}
