/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "picture.h"

const PictureLook picture_looks[] = {
  { "light", FALSE, FALSE, 920, 760 },
  { "dark", TRUE, FALSE, 920, 760 },
  { "narrow", FALSE, FALSE, 360, 720 },
  { "rtl", FALSE, TRUE, 920, 760 },
};
const guint n_picture_looks = G_N_ELEMENTS (picture_looks);

/** picture_window_new: Make a window around @content, and show it. */
GtkWidget *
picture_window_new (GtkWidget *content)
{
  GtkWidget *window = adw_window_new ();

  adw_window_set_content (ADW_WINDOW (window), content);
  gtk_window_set_default_size (GTK_WINDOW (window), 920, 760);
  gtk_window_present (GTK_WINDOW (window));
  picture_settle (window);
  return window;
}

/* Frames are drawn until nothing asks for one any more, or a spinner asks for ever. */
void
picture_settle (GtkWidget *window)
{
  for (guint i = 0; i < 3; i++)
    gtk_test_widget_wait_for_draw (window);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* Draws what @window shows into build/tests/ui/pictures/@name.png, for people to look at. */
void
picture_take (GtkWidget *window, const char *name)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *folder = g_build_filename (here, "pictures", NULL);
  g_autofree char *file = g_strdup_printf ("%s/%s.png", folder, name);
  GtkWidget *child = gtk_widget_get_first_child (window);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  gint width = gtk_widget_get_width (window);
  gint height = gtk_widget_get_height (window);
  GdkRGBA background = { 0 };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  paintable = gtk_widget_paintable_new (child);
  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (window), "window_bg_color",
                                       &background))
    background = (GdkRGBA){ 1, 1, 1, 1 };
  gtk_snapshot_append_color (snapshot, &background,
                             &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  g_assert_true (gdk_texture_save_to_png (texture, file));
}

/** picture_take_looks: Take a picture in every look: light, dark, narrow, from right to left. */
void
picture_take_looks (GtkWidget *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  for (guint i = 0; i < n_picture_looks; i++) {
    const PictureLook *look = &picture_looks[i];
    g_autofree char *file = g_strdup_printf ("%s-%s", name, look->name);

    adw_style_manager_set_color_scheme (style, look->is_dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                             : ADW_COLOR_SCHEME_FORCE_LIGHT);
    gtk_widget_set_default_direction (look->is_rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
    gtk_window_set_default_size (GTK_WINDOW (window), look->width, look->height);
    picture_settle (window);
    picture_take (window, file);
  }
  gtk_widget_set_default_direction (GTK_TEXT_DIR_LTR);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_LIGHT);
}
