/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-desktop-kind.h"
#include "clove-proxy-values.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveProxyBackend:
 * @check: whether the setting is there and may be changed
 * @read: get what the user set
 * @write: put it there, all at once, and see to it that it stayed; blocks for as long as that takes
 * @make: make the values that have the desktop ask for the configuration at an address
 * @get_url: (transfer full) (nullable): where values have it ask, if they do
 * @watch: (transfer full) (nullable): an object whose signal "changed" tells of changes, whoever
 *   made them, and perhaps of others
 *
 * How one kind of desktop keeps its proxy. No state: everything is read and written anew.
 */
typedef struct {
  gboolean (*check) (GError **error);
  gboolean (*read) (CloveProxyValues *out, GError **error);
  gboolean (*write) (const CloveProxyValues *values, GError **error);
  void (*make) (CloveProxyValues *out, const char *url);
  char *(*get_url) (const CloveProxyValues *values);
  GObject *(*watch) (void);
} CloveProxyBackend;

const CloveProxyBackend *clove_proxy_backend_get (CloveDesktopKind desktop);

extern const CloveProxyBackend clove_proxy_gnome;
extern const CloveProxyBackend clove_proxy_kde;

G_END_DECLS
