/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One page in a window of its own, with the application's style, icons and actions around it. */
#include "config.h"

#include "stage.h"

#include "picture.h"

/* One for the whole program: GTK keeps an application that was registered. */
static CloveApplication *application;

/** stage_begin: (transfer none): Prepare GTK and the application; first of all. */
CloveApplication *
stage_begin (int *argc, char ***argv)
{
  g_autoptr (GError) error = NULL;

  gtk_test_init (argc, argv, NULL);
  adw_init ();
  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  return application;
}

/** stage_run: Run the tests; last of all. */
int
stage_run (void)
{
  int status = g_test_run ();

  g_clear_object (&application);
  return status;
}

/** stage_window_new: Show @page in a window; stage_close() it. */
GtkWidget *
stage_window_new (GtkWidget *page)
{
  GtkWidget *toasts = adw_toast_overlay_new ();
  GtkWidget *window = NULL;

  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (toasts), page);
  window = picture_window_new (toasts);
  gtk_window_set_application (GTK_WINDOW (window), GTK_APPLICATION (application));
  return window;
}

/** stage_close: Destroy the window, and let everything go that belongs to it. */
void
stage_close (GtkWidget *window)
{
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/** stage_find: (transfer none) (nullable): Find the widget that has that id in its ui file. */
GtkWidget *
stage_find (GtkWidget *root, const char *id)
{
  const char *own = gtk_buildable_get_buildable_id (GTK_BUILDABLE (root));

  if (g_strcmp0 (own, id) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = stage_find (child, id);

    if (found != NULL)
      return found;
  }
  return NULL;
}

/** stage_find_label: (transfer none) (nullable): Find the label that is to be seen and says so. */
GtkWidget *
stage_find_label (GtkWidget *root, const char *text)
{
  if (GTK_IS_LABEL (root) && gtk_widget_get_mapped (root) &&
      g_str_equal (gtk_label_get_text (GTK_LABEL (root)), text))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = stage_find_label (child, text);

    if (found != NULL)
      return found;
  }
  return NULL;
}

typedef struct {
  char *text;
  gboolean is_done;
} Reading;

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;

  reading->text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
  reading->is_done = TRUE;
}

/** stage_read_clipboard: (transfer full) (nullable): Get the text that was copied. */
char *
stage_read_clipboard (GtkWidget *widget)
{
  Reading reading = { 0 };

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (widget), NULL, on_read, &reading);
  while (!reading.is_done)
    g_main_context_iteration (NULL, TRUE);
  return reading.text;
}
