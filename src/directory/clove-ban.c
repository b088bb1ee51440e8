/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-ban.h"

/**
 * clove_ban_clean_reason:
 * @reason: (nullable): any bytes
 *
 * Returns: (transfer full): what of it can be shown and saved: one line of UTF-8 with at most
 *   %CLOVE_BAN_MAX_REASON_SIZE bytes; cleaning it again changes nothing
 */
char *
clove_ban_clean_reason (const char *reason)
{
  g_autofree char *valid = g_utf8_make_valid (reason != NULL ? reason : "", -1);
  gsize size = 0;

  for (char *p = valid; *p != '\0'; p++) {
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  }
  while (valid[size] != '\0') {
    gsize next = (gsize) (g_utf8_next_char (valid + size) - valid);

    if (next > CLOVE_BAN_MAX_REASON_SIZE)
      break;
    size = next;
  }
  return g_strndup (valid, size);
}

/** clove_ban_copy: (transfer full): Copy a ban. */
CloveBan *
clove_ban_copy (const CloveBan *self)
{
  CloveBan *copy = g_memdup2 (self, sizeof *self);

  copy->reason = g_strdup (self->reason);
  return copy;
}

/** clove_ban_free: Free a ban. */
void
clove_ban_free (CloveBan *self)
{
  g_free (self->reason);
  g_free (self);
}
