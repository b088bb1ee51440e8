/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More ranges in one request than any sound client asks for. */
#define CLOVE_EXIT_MAX_RANGES 8

typedef struct {
  guint64 first;
  guint64 last; /* included */
} CloveExitRange;

/**
 * CloveExitRangeResult:
 * @CLOVE_EXIT_RANGE_NONE: no Range, or one to be ignored (RFC 9110, 14.2): answer with the whole
 * @CLOVE_EXIT_RANGE_PARTIAL: at least one range can be served: 206
 * @CLOVE_EXIT_RANGE_UNSATISFIABLE: well-formed, but nothing of it exists: 416
 */
typedef enum {
  CLOVE_EXIT_RANGE_NONE,
  CLOVE_EXIT_RANGE_PARTIAL,
  CLOVE_EXIT_RANGE_UNSATISFIABLE,
} CloveExitRangeResult;

CloveExitRangeResult clove_exit_range_parse (const char *value,
                                             guint64 total_size,
                                             CloveExitRange ranges[static CLOVE_EXIT_MAX_RANGES],
                                             guint *n_ranges_out);

G_END_DECLS
