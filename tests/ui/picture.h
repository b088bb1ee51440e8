/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * PictureLook:
 *
 * How a window is looked at. @name becomes part of the picture's file name.
 */
typedef struct {
  const char *name;
  gboolean is_dark;
  gboolean is_rtl;
  gint width;
  gint height;
} PictureLook;

extern const PictureLook picture_looks[];
extern const guint n_picture_looks;

GtkWidget *picture_window_new (GtkWidget *content) G_GNUC_WARN_UNUSED_RESULT;
void picture_settle (GtkWidget *window);
void picture_take (GtkWidget *window, const char *name);
void picture_take_looks (GtkWidget *window, const char *name);

G_END_DECLS
