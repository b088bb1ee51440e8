/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-desktop-kind.h"

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CloveSystemProxyOptions:
 * @current_desktop: (nullable): the value of XDG_CURRENT_DESKTOP
 * @is_sandboxed: whether the desktop's settings are out of reach
 * @folder: where the record is kept
 * @guard: path of clove-guard
 */
typedef struct {
  const char *current_desktop;
  gboolean is_sandboxed;
  const char *folder;
  const char *guard;
} CloveSystemProxyOptions;

/**
 * CloveSystemProxyState:
 * @CLOVE_SYSTEM_PROXY_UNSUPPORTED: it cannot be set here; the error says why
 * @CLOVE_SYSTEM_PROXY_OFF: it is not ours
 * @CLOVE_SYSTEM_PROXY_ON: it is ours
 * @CLOVE_SYSTEM_PROXY_OVERRIDDEN: it was ours, and something else was set since
 * @CLOVE_SYSTEM_PROXY_FAILED: it could not be set or put back; the error says why
 */
typedef enum {
  CLOVE_SYSTEM_PROXY_UNSUPPORTED,
  CLOVE_SYSTEM_PROXY_OFF,
  CLOVE_SYSTEM_PROXY_ON,
  CLOVE_SYSTEM_PROXY_OVERRIDDEN,
  CLOVE_SYSTEM_PROXY_FAILED,
} CloveSystemProxyState;

/**
 * CloveSystemProxy:
 *
 * The desktop's proxy, as an automatic configuration and never otherwise: when the program is gone
 * all other sites still load. What the user had is kept on disk before anything is changed, and put
 * back if nobody changed it meanwhile. Belongs to one thread and uses its thread-default context.
 *
 * Signal "changed" (): the state is another one.
 */
#define CLOVE_TYPE_SYSTEM_PROXY (clove_system_proxy_get_type ())
G_DECLARE_FINAL_TYPE (CloveSystemProxy, clove_system_proxy, CLOVE, SYSTEM_PROXY, GObject)

CloveSystemProxy *clove_system_proxy_new (const CloveSystemProxyOptions *options)
  G_GNUC_WARN_UNUSED_RESULT;
CloveSystemProxy *clove_system_proxy_new_default (void) G_GNUC_WARN_UNUSED_RESULT;

gboolean clove_system_proxy_set (CloveSystemProxy *self, const char *url);
gboolean clove_system_proxy_restore (CloveSystemProxy *self);

CloveSystemProxyState clove_system_proxy_get_state (CloveSystemProxy *self);
const char *clove_system_proxy_get_desktop (CloveSystemProxy *self);
const char *clove_system_proxy_get_url (CloveSystemProxy *self);
const GError *clove_system_proxy_get_error (CloveSystemProxy *self);
const char *clove_system_proxy_get_aside (CloveSystemProxy *self);

G_END_DECLS
