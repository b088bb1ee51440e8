/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveDesktopKind:
 * @CLOVE_DESKTOP_OTHER: browsers follow no setting of this desktop
 * @CLOVE_DESKTOP_GNOME: it is in GSettings, org.gnome.system.proxy
 * @CLOVE_DESKTOP_KDE: it is in the file kioslaverc
 *
 * Where a desktop keeps its proxy, as far as browsers look there.
 */
typedef enum {
  CLOVE_DESKTOP_OTHER,
  CLOVE_DESKTOP_GNOME,
  CLOVE_DESKTOP_KDE,
} CloveDesktopKind;

CloveDesktopKind clove_desktop_kind_parse (const char *current_desktop, char **name_out);

G_END_DECLS
