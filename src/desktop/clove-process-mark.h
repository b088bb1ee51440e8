/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CLOVE_PROCESS_MARK_BOOT_SIZE 37

/**
 * CloveProcessMark:
 * @pid: the number of a process, which others get after it
 * @start_ticks: when it started, in ticks since the computer did
 * @boot: which start of the computer that was
 *
 * One process, never to be mistaken for another.
 */
typedef struct {
  gint pid;
  guint64 start_ticks;
  char boot[CLOVE_PROCESS_MARK_BOOT_SIZE];
} CloveProcessMark;

gboolean clove_process_mark_get_own (CloveProcessMark *out, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_process_mark_parse (CloveProcessMark *out, const char *text);
char *clove_process_mark_format (const CloveProcessMark *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_process_mark_equal (const CloveProcessMark *a, const CloveProcessMark *b);
gboolean clove_process_mark_is_alive (const CloveProcessMark *self);
gboolean clove_process_mark_parse_stat (const char *stat,
                                        guint64 *start_ticks_out,
                                        char *state_out);

G_END_DECLS
