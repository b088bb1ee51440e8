/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveDesktopError:
 * @CLOVE_DESKTOP_ERROR_SANDBOXED: the program runs in a sandbox, which hides the desktop's settings
 * @CLOVE_DESKTOP_ERROR_UNKNOWN: this desktop has no setting that browsers follow
 * @CLOVE_DESKTOP_ERROR_NO_SETTINGS: the desktop's settings are not installed
 * @CLOVE_DESKTOP_ERROR_LOCKED: whoever looks after this computer forbids changes
 * @CLOVE_DESKTOP_ERROR_BUSY: another instance of the program, which runs, has set the proxy
 * @CLOVE_DESKTOP_ERROR_GARBLED: a file is not what it should be
 * @CLOVE_DESKTOP_ERROR_FAILED: reading or writing failed
 *
 * Why the system proxy cannot be set. Every message is a clause fit for a user to read.
 */
typedef enum {
  CLOVE_DESKTOP_ERROR_SANDBOXED,
  CLOVE_DESKTOP_ERROR_UNKNOWN,
  CLOVE_DESKTOP_ERROR_NO_SETTINGS,
  CLOVE_DESKTOP_ERROR_LOCKED,
  CLOVE_DESKTOP_ERROR_BUSY,
  CLOVE_DESKTOP_ERROR_GARBLED,
  CLOVE_DESKTOP_ERROR_FAILED,
} CloveDesktopError;

#define CLOVE_DESKTOP_ERROR (clove_desktop_error_quark ())
GQuark clove_desktop_error_quark (void);

gboolean clove_desktop_fail_errno (int saved_errno, const char *what, GError **error);

G_END_DECLS
