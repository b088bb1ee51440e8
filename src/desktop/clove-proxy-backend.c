/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-backend.h"

/** clove_proxy_backend_get: (nullable): Get how @desktop keeps its proxy. */
const CloveProxyBackend *
clove_proxy_backend_get (CloveDesktopKind desktop)
{
  switch (desktop) {
    case CLOVE_DESKTOP_GNOME:
      return &clove_proxy_gnome;
    case CLOVE_DESKTOP_KDE:
      return &clove_proxy_kde;
    case CLOVE_DESKTOP_OTHER:
    default:
      return NULL;
  }
}
