/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-desktop-error.h"

G_DEFINE_QUARK (clove_desktop_error, clove_desktop_error)

/** clove_desktop_fail_errno: Set %CLOVE_DESKTOP_ERROR_FAILED: @what, and why. Returns: %FALSE */
gboolean
clove_desktop_fail_errno (int saved_errno, const char *what, GError **error)
{
  g_set_error (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_FAILED, "%s: %s", what,
               g_strerror (saved_errno));
  return FALSE;
}
