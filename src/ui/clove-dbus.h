/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-snapshot.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define CLOVE_DBUS_INTERFACE CLOVE_APP_ID
#define CLOVE_DBUS_PATH      CLOVE_RESOURCES

/**
 * CloveDbusError:
 * @CLOVE_DBUS_ERROR_NOT_RUNNING: the proxy is off
 * @CLOVE_DBUS_ERROR_TOO_SOON: a rebuild cannot be asked for now
 * @CLOVE_DBUS_ERROR_NO_NETWORK: the user has not chosen a network yet
 *
 * On the bus: io.github.cloveproxy.Clove.Error.NotRunning, .TooSoon, .NoNetwork.
 */
typedef enum {
  CLOVE_DBUS_ERROR_NOT_RUNNING,
  CLOVE_DBUS_ERROR_TOO_SOON,
  CLOVE_DBUS_ERROR_NO_NETWORK,
} CloveDbusError;

#define CLOVE_DBUS_ERROR (clove_dbus_error_quark ())
GQuark clove_dbus_error_quark (void);

typedef enum {
  CLOVE_DBUS_VERB_START,
  CLOVE_DBUS_VERB_STOP,
  CLOVE_DBUS_VERB_REBUILD,
} CloveDbusVerb;

/**
 * CloveDbusFunc: Does what was asked for. Returns: whether; if not, with a %CLOVE_DBUS_ERROR.
 */
typedef gboolean (*CloveDbusFunc) (CloveDbusVerb verb, gpointer user_data, GError **error);

/**
 * CloveDbus:
 *
 * The state of the proxy on the session bus, for scripts and panels: docs/dbus.md. What changed is
 * told at most ten times a second.
 */
#define CLOVE_TYPE_DBUS (clove_dbus_get_type ())
G_DECLARE_FINAL_TYPE (CloveDbus, clove_dbus, CLOVE, DBUS, GObject)

CloveDbus *clove_dbus_new (CloveDbusFunc on_call, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_dbus_export (CloveDbus *self, GDBusConnection *connection, GError **error);
void clove_dbus_unexport (CloveDbus *self);
void clove_dbus_show (CloveDbus *self,
                      CloveSnapshot *snapshot,
                      const char *trouble,
                      gint64 now_us);

G_END_DECLS
