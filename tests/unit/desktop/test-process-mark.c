/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process is known by its number, its start, and the start of the computer. */
#include "config.h"

#include "clove-process-mark.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOOT "12345678-9abc-4def-8123-456789abcdef"

static void
test_own (void)
{
  CloveProcessMark own = { 0 };
  CloveProcessMark again = { 0 };
  CloveProcessMark other = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_process_mark_get_own (&own, &error));
  g_assert_no_error (error);
  g_assert_cmpint (own.pid, ==, getpid ());
  g_assert_true (clove_process_mark_is_alive (&own));
  text = clove_process_mark_format (&own);
  g_assert_true (clove_process_mark_parse (&again, text));
  g_assert_true (clove_process_mark_equal (&own, &again));

  other = own;
  other.start_ticks++;
  g_assert_false (clove_process_mark_is_alive (&other));
  g_assert_false (clove_process_mark_equal (&own, &other));
  other = own;
  g_strlcpy (other.boot, BOOT, sizeof other.boot);
  g_assert_false (clove_process_mark_is_alive (&other));
  g_assert_false (clove_process_mark_equal (&own, &other));
}

/* Killed, and not buried yet by whoever started it. */
static void
test_zombie (void)
{
  CloveProcessMark child = { 0 };
  int ends[2] = { -1, -1 };
  siginfo_t info = { 0 };
  pid_t pid = -1;

  g_assert_cmpint (pipe (ends), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    CloveProcessMark own = { 0 };
    gboolean is_known = clove_process_mark_get_own (&own, NULL);

    _exit (is_known && write (ends[1], &own, sizeof own) == sizeof own && pause () ? 0 : 1);
  }
  g_assert_cmpint (read (ends[0], &child, sizeof child), ==, sizeof child);
  g_assert_true (clove_process_mark_is_alive (&child));
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_false (clove_process_mark_is_alive (&child));
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  g_assert_false (clove_process_mark_is_alive (&child));
  close (ends[0]);
  close (ends[1]);
}

static void
test_bad_words (void)
{
  static const char *const words[] = {
    "",
    ":",
    "::",
    "1:2",
    "1:2:",
    "1:2:3",
    "0:2:" BOOT,
    "-1:2:" BOOT,
    "1:-2:" BOOT,
    "a:2:" BOOT,
    "1:2:" BOOT "0",
    "1:2:" BOOT ":3",
    "2147483648:2:" BOOT,
    "1:18446744073709551616:" BOOT,
    " 1:2:" BOOT,
    "1 :2:" BOOT,
  };
  CloveProcessMark mark = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_false (clove_process_mark_parse (&mark, words[i]));
  g_assert_true (clove_process_mark_parse (&mark, "2147483647:18446744073709551615:" BOOT));
  g_assert_cmpint (mark.pid, ==, G_MAXINT);
  g_assert_cmpuint (mark.start_ticks, ==, G_MAXUINT64);
}

static void
test_stat (void)
{
  guint64 start = 0;
  char state = 0;

  g_assert_true (clove_process_mark_parse_stat (
    "7 (a) R (b) S 1 7 7 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 4242 99 1 2", &start, &state));
  g_assert_cmpuint (start, ==, 4242);
  g_assert_cmpint (state, ==, 'S');
  g_assert_false (clove_process_mark_parse_stat ("", &start, &state));
  g_assert_false (clove_process_mark_parse_stat ("7 (a)", &start, &state));
  g_assert_false (clove_process_mark_parse_stat ("7 (a) S 1 2 3", &start, &state));
  g_assert_false (clove_process_mark_parse_stat (
    "7 (a) S 1 7 7 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 x 99 1 2", &start, &state));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/clove/desktop/process-mark/" name, function)
  ADD ("own", test_own);
  ADD ("zombie", test_zombie);
  ADD ("bad-words", test_bad_words);
  ADD ("stat", test_stat);
#undef ADD
  return g_test_run ();
}
