/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-range.h"

#include <string.h>

#define UNIT "bytes="

typedef enum {
  SPEC_MALFORMED,
  SPEC_UNSATISFIABLE,
  SPEC_OK,
} Spec;

static Spec
parse_suffix (const char *digits, guint64 total_size, CloveExitRange *out)
{
  guint64 size = 0;

  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT64, &size, NULL))
    return SPEC_MALFORMED;
  if (size == 0 || total_size == 0)
    return SPEC_UNSATISFIABLE;
  out->first = total_size - MIN (size, total_size);
  out->last = total_size - 1;
  return SPEC_OK;
}

/* Read one of "first-last", "first-" and "-size". */
static Spec
parse_spec (char *spec, guint64 total_size, CloveExitRange *out)
{
  char *dash = strchr (spec, '-');
  guint64 last = G_MAXINT64;

  if (dash == NULL)
    return SPEC_MALFORMED;
  if (dash == spec)
    return parse_suffix (spec + 1, total_size, out);
  *dash = '\0';
  if (!g_ascii_string_to_unsigned (spec, 10, 0, G_MAXINT64, &out->first, NULL))
    return SPEC_MALFORMED;
  if (dash[1] != '\0' && !g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXINT64, &last, NULL))
    return SPEC_MALFORMED;
  if (last < out->first)
    return SPEC_MALFORMED;
  if (out->first >= total_size)
    return SPEC_UNSATISFIABLE;
  out->last = MIN (last, total_size - 1);
  return SPEC_OK;
}

/**
 * clove_exit_range_parse:
 * @value: (nullable): a Range header
 * @total_size: size of what it selects from
 * @ranges: (out): the ranges that exist, in the order asked for, cut to @total_size
 * @n_ranges: (out): how many
 *
 * Ranges that together ask for more than the whole are ignored: answering them would let a small
 * request make a large reply (RFC 9110, 17.15).
 *
 * Returns: what to do
 */
CloveExitRangeResult
clove_exit_range_parse (const char *value,
                        guint64 total_size,
                        CloveExitRange ranges[static CLOVE_EXIT_MAX_RANGES],
                        guint *n_ranges)
{
  g_auto (GStrv) specs = NULL;
  guint64 sum = 0;

  *n_ranges = 0;
  if (value == NULL || g_ascii_strncasecmp (value, UNIT, strlen (UNIT)) != 0)
    return CLOVE_EXIT_RANGE_NONE;

  specs = g_strsplit (value + strlen (UNIT), ",", CLOVE_EXIT_MAX_RANGES + 1);
  if (g_strv_length (specs) == 0 || g_strv_length (specs) > CLOVE_EXIT_MAX_RANGES)
    return CLOVE_EXIT_RANGE_NONE;
  for (char **spec = specs; *spec != NULL; spec++) {
    CloveExitRange *range = &ranges[*n_ranges];
    Spec result = parse_spec (g_strstrip (*spec), total_size, range);

    if (result == SPEC_MALFORMED)
      return CLOVE_EXIT_RANGE_NONE;
    if (result == SPEC_UNSATISFIABLE)
      continue;
    sum += range->last - range->first + 1;
    (*n_ranges)++;
  }
  if (sum > total_size)
    return CLOVE_EXIT_RANGE_NONE;
  return *n_ranges > 0 ? CLOVE_EXIT_RANGE_PARTIAL : CLOVE_EXIT_RANGE_UNSATISFIABLE;
}
