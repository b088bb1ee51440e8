/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-process-mark.h"

#include "clove-desktop-error.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
/* Fields of /proc/PID/stat behind the name, counted from 0. */
#define FIELD_STATE  0
#define FIELD_START  19

/**
 * clove_process_mark_parse_stat:
 * @stat: what /proc/PID/stat says
 * @start_ticks_out: (out): when the process started
 * @state_out: (out): how it is: R, S, Z, …
 *
 * Returns: whether @stat is as proc(5) describes it
 */
gboolean
clove_process_mark_parse_stat (const char *stat, guint64 *start_ticks_out, char *state_out)
{
  /* The name stands in parentheses and may itself have any. */
  const char *end = strrchr (stat, ')');
  g_auto (GStrv) fields = end != NULL && end[1] == ' ' ? g_strsplit (end + 2, " ", -1) : NULL;

  if (fields == NULL || g_strv_length (fields) <= FIELD_START ||
      strlen (fields[FIELD_STATE]) != 1)
    return FALSE;
  *state_out = fields[FIELD_STATE][0];
  return g_ascii_string_to_unsigned (fields[FIELD_START], 10, 0, G_MAXUINT64, start_ticks_out,
                                     NULL);
}

static gboolean
read_stat (gint pid, guint64 *start_ticks_out, char *state_out)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL;

  return g_file_get_contents (path, &stat, NULL, NULL) &&
         clove_process_mark_parse_stat (stat, start_ticks_out, state_out);
}

static gboolean
read_boot (char out[static CLOVE_PROCESS_MARK_BOOT_SIZE])
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (BOOT_ID_PATH, &text, NULL, NULL))
    return FALSE;
  return g_strlcpy (out, g_strstrip (text), CLOVE_PROCESS_MARK_BOOT_SIZE) ==
         CLOVE_PROCESS_MARK_BOOT_SIZE - 1;
}

/** clove_process_mark_get_own: Get the mark of this process; needs /proc. */
gboolean
clove_process_mark_get_own (CloveProcessMark *out, GError **error)
{
  char state = 0;

  *out = (CloveProcessMark){ .pid = getpid () };
  if (read_stat (out->pid, &out->start_ticks, &state) && read_boot (out->boot))
    return TRUE;
  g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_FAILED,
                       "/proc does not say which process this is");
  return FALSE;
}

/** clove_process_mark_parse: Read what clove_process_mark_format() wrote, and nothing else. */
gboolean
clove_process_mark_parse (CloveProcessMark *out, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  guint64 pid = 0;

  if (g_strv_length (parts) != 3 || !g_uuid_string_is_valid (parts[2]) ||
      !g_ascii_string_to_unsigned (parts[0], 10, 1, G_MAXINT, &pid, NULL) ||
      !g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXUINT64, &out->start_ticks, NULL))
    return FALSE;
  out->pid = (gint) pid;
  g_strlcpy (out->boot, parts[2], sizeof out->boot);
  return TRUE;
}

/** clove_process_mark_format: (transfer full): Write it as one word. */
char *
clove_process_mark_format (const CloveProcessMark *self)
{
  return g_strdup_printf ("%d:%" G_GUINT64_FORMAT ":%s", self->pid, self->start_ticks,
                          self->boot);
}

/** clove_process_mark_equal: Tell whether both are one process. */
gboolean
clove_process_mark_equal (const CloveProcessMark *a, const CloveProcessMark *b)
{
  return a->pid == b->pid && a->start_ticks == b->start_ticks && strcmp (a->boot, b->boot) == 0;
}

/** clove_process_mark_is_alive: Tell whether that process runs; one that only waits to be buried
 * does not. */
gboolean
clove_process_mark_is_alive (const CloveProcessMark *self)
{
  char boot[CLOVE_PROCESS_MARK_BOOT_SIZE] = { 0 };
  guint64 start_ticks = 0;
  char state = 0;

  return read_boot (boot) && strcmp (boot, self->boot) == 0 &&
         read_stat (self->pid, &start_ticks, &state) && start_ticks == self->start_ticks &&
         state != 'Z' && state != 'X';
}
