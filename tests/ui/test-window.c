/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window as a whole: every state, every page, drawn and looked at. */
#include "config.h"

#include "clove-window.h"
#include "made-snapshots.h"
#include "picture.h"

typedef struct {
  CloveWindow *window;
} Fixture;

/* One for the whole program: GTK keeps an application that was registered. */
static CloveApplication *application;

static void
register_application (void)
{
  g_autoptr (GError) error = NULL;

  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->window = clove_window_new (application);
  gtk_window_present (GTK_WINDOW (fixture->window));
  picture_settle (GTK_WIDGET (fixture->window));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (fixture->window)));
}

/* Returns: the text of the first label below @widget that has a style class, or NULL */
static const char *
find_text (GtkWidget *widget, const char *style)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, style))
    return gtk_label_get_text (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    const char *text = find_text (child, style);

    if (text != NULL)
      return text;
  }
  return NULL;
}

static guint
count_widgets (GtkWidget *widget)
{
  guint n_widgets = 1;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n_widgets += count_widgets (child);
  return n_widgets;
}

/* A page is made when it is turned to, and shows what came while it was not there or not seen. */
static void
test_turning (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) connected = made_snapshot ("connected");
  g_autoptr (CloveSnapshot) rebuilding = made_snapshot ("rebuilding");
  GtkWidget *window = GTK_WIDGET (fixture->window);
  guint n_before = 0;

  clove_window_show (fixture->window, connected, MADE_NOW_US);
  n_before = count_widgets (window);
  clove_window_show_page (fixture->window, "relays");
  g_assert_cmpuint (count_widgets (window), >, n_before + 20);
  clove_window_show (fixture->window, rebuilding, MADE_NOW_US);
  g_assert_cmpstr (find_text (window, "title-2"), ==, "Connected through 3 relays");
  clove_window_show_page (fixture->window, "overview");
  g_assert_cmpstr (find_text (window, "title-2"), !=, "Connected through 3 relays");
}

/* No warning is logged for any state on any page: warnings are fatal. */
static void
test_states (Fixture *fixture, gconstpointer user_data)
{
  static const char *const pages[] = { "overview", "relays", "activity", "log" };

  for (guint i = 0; i < n_made_snapshots; i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshots[i].make ();

    for (guint j = 0; j < G_N_ELEMENTS (pages); j++) {
      clove_window_show_page (fixture->window, pages[j]);
      clove_window_show (fixture->window, snapshot, MADE_NOW_US);
      picture_settle (GTK_WIDGET (fixture->window));
    }
  }
}

/* Every page once, in every look, for people to look at. */
static void
test_pages (Fixture *fixture, gconstpointer user_data)
{
  static const char *const pages[] = { "overview", "relays", "activity", "log" };
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("recovered");

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++) {
    g_autofree char *name = g_strdup_printf ("window-%s", pages[i]);

    clove_window_show_page (fixture->window, pages[i]);
    clove_window_show (fixture->window, snapshot, MADE_NOW_US);
    picture_take_looks (GTK_WIDGET (fixture->window), name);
  }
}

int
main (int argc, char *argv[])
{
  gint status = 0;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  register_application ();
#define ADD(name, function) \
  g_test_add ("/clove/ui/window/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("turning", test_turning);
  ADD ("states", test_states);
  ADD ("pages", test_pages);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
