/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-range.h"

static void
append_result (GString *text,
               CloveExitRangeResult result,
               const CloveExitRange *ranges,
               guint n_ranges)
{
  if (result != CLOVE_EXIT_RANGE_PARTIAL) {
    g_string_append (text, result == CLOVE_EXIT_RANGE_NONE ? "-" : "416");
    return;
  }
  for (guint i = 0; i < n_ranges; i++)
    g_string_append_printf (text, "%s%u-%u", i > 0 ? " " : "", (guint) ranges[i].first,
                            (guint) ranges[i].last);
}

static void
test_table (void)
{
  static const struct {
    const char *value;
    guint64 total_size;
    const char *expected; /* "-" ignored, "416", or the ranges */
  } cases[] = {
    { NULL, 100, "-" },
    { "bytes=0-0", 100, "0-0" },
    { "bytes=0-99", 100, "0-99" },
    { "bytes=0-", 100, "0-99" },
    { "bytes=50-1000", 100, "50-99" },
    { "BYTES=7-8", 100, "7-8" },
    { "bytes=-1", 100, "99-99" },
    { "bytes=-100", 100, "0-99" },
    { "bytes=-1000", 100, "0-99" },
    { "bytes=-0", 100, "416" },
    { "bytes=100-", 100, "416" },
    { "bytes=100-200", 100, "416" },
    { "bytes=0-", 0, "416" },
    { "bytes=-5", 0, "416" },
    { "bytes=0-1,4-5", 100, "0-1 4-5" },
    { "bytes=4-5, 0-1", 100, "4-5 0-1" },
    { "bytes=0-1,200-", 100, "0-1" },
    { "bytes=200-,300-", 100, "416" },
    { "bytes=0-59,40-99", 100, "-" },
    { "bytes=1-2,1-2,1-2,1-2,1-2,1-2,1-2,1-2,1-2", 100, "-" },
    { "bytes=", 100, "-" },
    { "bytes=5-4", 100, "-" },
    { "bytes=a-b", 100, "-" },
    { "bytes=1-2-3", 100, "-" },
    { "bytes=--1", 100, "-" },
    { "bytes=+1-2", 100, "-" },
    { "bytes=1", 100, "-" },
    { "bytes=1-2,", 100, "-" },
    { "bytes=99999999999999999999999-", 100, "-" },
    { "lines=1-2", 100, "-" },
    { "bytes 1-2", 100, "-" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveExitRange ranges[CLOVE_EXIT_MAX_RANGES] = { 0 };
    CloveExitRangeResult result = CLOVE_EXIT_RANGE_NONE;
    guint n_ranges = 0;
    g_autoptr (GString) got = g_string_new (NULL);

    result = clove_exit_range_parse (cases[i].value, cases[i].total_size, ranges, &n_ranges);
    append_result (got, result, ranges, n_ranges);
    g_test_message ("%s", cases[i].value);
    g_assert_cmpstr (got->str, ==, cases[i].expected);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/exit-range/table", test_table);
  return g_test_run ();
}
