/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-help-window.h"

#include "clove-help-row.h"

struct _CloveHelpWindow {
  AdwWindow parent_instance;

  /* Template children. */
  GtkWidget *first;
};

G_DEFINE_FINAL_TYPE (CloveHelpWindow, clove_help_window, ADW_TYPE_WINDOW)

static void
clove_help_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_HELP_WINDOW);

  G_OBJECT_CLASS (clove_help_window_parent_class)->dispose (object);
}

static void
clove_help_window_class_init (CloveHelpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_help_window_dispose;

  g_type_ensure (CLOVE_TYPE_HELP_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-help-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveHelpWindow, first);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
clove_help_window_init (CloveHelpWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Returns: (transfer none) (nullable): the one that is open over @parent */
static GtkWindow *
find_open (const GtkWindow *parent)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *item = windows; item != NULL; item = item->next) {
    if (CLOVE_IS_HELP_WINDOW (item->data) && gtk_window_get_transient_for (item->data) == parent)
      return item->data;
  }
  return NULL;
}

/**
 * clove_help_window_present:
 * @parent: the main window, whose application's actions the buttons are for
 *
 * Show the help. It is not modal, so that one can read it and try; there is one at a time.
 */
void
clove_help_window_present (GtkWindow *parent)
{
  GtkWindow *window = find_open (parent);

  if (window == NULL) {
    g_autoptr (GtkWindowGroup) group = gtk_window_group_new ();
    CloveHelpWindow *made =
      g_object_new (CLOVE_TYPE_HELP_WINDOW, "application", gtk_window_get_application (parent),
                    "transient-for", parent, NULL);

    window = GTK_WINDOW (made);
    /* Stays of use behind a modal window, such as the preferences that it opens. */
    gtk_window_group_add_window (group, window);
    gtk_widget_grab_focus (made->first);
  }
  gtk_window_present (window);
}
