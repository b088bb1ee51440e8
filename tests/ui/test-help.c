/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The help: opened by its action, and every question of it. */
#include "config.h"

#include "clove-help-row.h"
#include "clove-help-window.h"
#include "clove-preferences-window.h"
#include "clove-setup-window.h"
#include "clove-window.h"
#include "picture.h"
#include "stage.h"

#include <string.h>

#define N_QUESTIONS 10

typedef struct {
  GtkWidget *window;
  GPtrArray *rows;
} Fixture;

static CloveApplication *application;

static void
activate (const char *action)
{
  g_action_group_activate_action (G_ACTION_GROUP (application), action, NULL);
}

/* Returns: (transfer none) (nullable): a window of that class; at most one may be open */
static GtkWidget *
find_window (GType type)
{
  GtkWidget *found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (gtk_window_get_toplevels ()); i++) {
    g_autoptr (GtkWidget) top = g_list_model_get_item (gtk_window_get_toplevels (), i);

    if (!g_type_is_a (G_OBJECT_TYPE (top), type) || !gtk_widget_get_visible (top))
      continue;
    g_assert_null (found);
    found = top;
  }
  return found;
}

static void
collect (GtkWidget *root, GType type, GPtrArray *found)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type))
    g_ptr_array_add (found, root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, type, found);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  activate ("help");
  fixture->window = find_window (CLOVE_TYPE_HELP_WINDOW);
  g_assert_nonnull (fixture->window);
  picture_settle (fixture->window);
  fixture->rows = g_ptr_array_new ();
  collect (fixture->window, CLOVE_TYPE_HELP_ROW, fixture->rows);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_clear_pointer (&fixture->rows, g_ptr_array_unref);
  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *) &fixture->window);
  stage_close (fixture->window);
  g_assert_null (fixture->window);
}

static AdwExpanderRow *
get_row (Fixture *fixture, guint i)
{
  return ADW_EXPANDER_ROW (g_ptr_array_index (fixture->rows, i));
}

static void
expand_all (Fixture *fixture)
{
  for (guint i = 0; i < fixture->rows->len; i++)
    adw_expander_row_set_expanded (get_row (fixture, i), TRUE);
  picture_settle (fixture->window);
}

/* The keyboard and the menu find it. */
static void
test_opens (Fixture *fixture, gconstpointer user_data)
{
  g_auto (GStrv) keys = gtk_application_get_accels_for_action (GTK_APPLICATION (application),
                                                               "app.help");
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (fixture->window));

  g_assert_cmpstr (keys[0], ==, "F1");
  g_assert_true (CLOVE_IS_WINDOW (parent));
  g_assert_false (gtk_window_get_modal (GTK_WINDOW (fixture->window)));
  /* Asked for again, it is the same one. */
  activate ("help");
  g_assert_true (find_window (CLOVE_TYPE_HELP_WINDOW) == fixture->window);
}

/* Each answer is a paragraph of its own that can be copied; no title is cut off. */
static void
test_answers (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_cmpuint (fixture->rows->len, ==, N_QUESTIONS);
  for (guint i = 0; i < N_QUESTIONS; i++) {
    AdwExpanderRow *row = get_row (fixture, i);
    GtkLabel *answer = GTK_LABEL (stage_find (GTK_WIDGET (row), "answer"));
    const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));

    g_assert_false (adw_expander_row_get_expanded (row));
    g_assert_true (g_hash_table_add (seen, g_strdup (title)));
    g_assert_true (g_hash_table_add (seen, g_strdup (gtk_label_get_text (answer))));
    g_assert_cmpuint (strlen (gtk_label_get_text (answer)), >, strlen (title));
    g_assert_true (gtk_label_get_selectable (answer));
    g_assert_true (gtk_label_get_wrap (answer));
    g_assert_false (gtk_widget_get_mapped (GTK_WIDGET (answer)));
    adw_expander_row_set_expanded (row, TRUE);
    picture_settle (fixture->window);
    g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (answer)));
    adw_expander_row_set_expanded (row, FALSE);
  }
}

static void
assert_button_name (GtkWidget *button)
{
  gtk_test_accessible_assert_role (button, GTK_ACCESSIBLE_ROLE_BUTTON);
  if (gtk_widget_get_visible (button))
    g_assert_nonnull (strchr (gtk_button_get_label (GTK_BUTTON (button)), '_'));
  else
    g_assert_null (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)));
}

static void
assert_expanded (GtkWidget *row, gboolean is_expanded)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();

  collect (row, ADW_TYPE_ACTION_ROW, headers);
  g_assert_cmpuint (headers->len, ==, 1);
  g_assert_true (gtk_test_accessible_has_relation (headers->pdata[0],
                                                   GTK_ACCESSIBLE_RELATION_LABELLED_BY));
  gtk_test_accessible_assert_state (headers->pdata[0], GTK_ACCESSIBLE_STATE_EXPANDED, is_expanded);
}

/* What a screen reader says of a row is its question and whether the answer is to be seen, and of a
 * button what is written on it. */
static void
test_names (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < N_QUESTIONS; i++)
    assert_expanded (g_ptr_array_index (fixture->rows, i), FALSE);
  expand_all (fixture);
  for (guint i = 0; i < N_QUESTIONS; i++) {
    GtkWidget *row = g_ptr_array_index (fixture->rows, i);
    const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));

    g_assert_nonnull (stage_find_label (row, title));
    gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_LABEL, title);
    assert_expanded (row, TRUE);
    assert_button_name (stage_find (row, "button"));
  }
}

/* Each button does something that the application can do, when it can. */
static void
test_buttons (Fixture *fixture, gconstpointer user_data)
{
  guint n_buttons = 0;

  for (guint i = 0; i < N_QUESTIONS; i++) {
    GtkWidget *button = stage_find (g_ptr_array_index (fixture->rows, i), "button");
    const char *action = gtk_actionable_get_action_name (GTK_ACTIONABLE (button));
    const char *name = action != NULL ? action + strlen ("app.") : NULL;

    if (action == NULL)
      continue;
    n_buttons++;
    g_assert_true (g_str_has_prefix (action, "app."));
    g_assert_true (g_action_group_has_action (G_ACTION_GROUP (application), name));
    g_assert_true (gtk_widget_is_sensitive (button) ==
                   g_action_group_get_action_enabled (G_ACTION_GROUP (application), name));
  }
  g_assert_cmpuint (n_buttons, ==, 7);
}

static GtkWidget *
press (Fixture *fixture, guint row, GType type)
{
  GtkWidget *button = stage_find (g_ptr_array_index (fixture->rows, row), "button");
  GtkWidget *opened = NULL;

  g_signal_emit_by_name (button, "clicked");
  opened = find_window (type);
  g_assert_nonnull (opened);
  picture_settle (opened);
  return opened;
}

/* What a button opens leaves the help readable: it takes the keyboard from other windows only. */
static void
test_opens_others (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *setup = NULL;
  GtkWidget *preferences = NULL;

  expand_all (fixture);
  setup = press (fixture, 0, CLOVE_TYPE_SETUP_WINDOW);
  g_assert_nonnull (stage_find_label (setup, "http://127.0.0.1:8080/proxy.pac"));
  picture_take_looks (setup, "help-set-up");
  stage_close (setup);
  preferences = press (fixture, 4, CLOVE_TYPE_PREFERENCES_WINDOW);
  g_assert_true (gtk_window_get_group (GTK_WINDOW (preferences)) !=
                 gtk_window_get_group (GTK_WINDOW (fixture->window)));
  stage_close (preferences);
}

/* Returns: whether a key of @window's own was bound, and did something */
static gboolean
press_key (GtkWidget *window, const char *key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (window);
  gboolean is_done = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !is_done; i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);
    GListModel *shortcuts = G_IS_LIST_MODEL (controller) ? G_LIST_MODEL (controller) : NULL;

    for (guint j = 0; shortcuts != NULL && j < g_list_model_get_n_items (shortcuts); j++) {
      g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, j);
      GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);
      g_autofree char *name = gtk_shortcut_trigger_to_string (trigger);

      if (g_str_equal (name, key) && !is_done)
        is_done = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, window,
                                                gtk_shortcut_get_arguments (shortcut));
    }
  }
  return is_done;
}

static void
test_escape (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *window = fixture->window;

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  g_assert_true (press_key (window, "Escape"));
  while (window != NULL)
    g_main_context_iteration (NULL, TRUE);
  activate ("help");
  fixture->window = find_window (CLOVE_TYPE_HELP_WINDOW);
  g_assert_nonnull (fixture->window);
}

/* Whatever the width of the window and of the letters, nothing hangs out of it. */
static void
test_narrow (Fixture *fixture, gconstpointer user_data)
{
  expand_all (fixture);
  for (guint factor = 1; factor <= 2; factor++) {
    g_autofree char *name = g_strdup_printf ("help-open-narrow-%u", factor);
    gint least = 0;

    g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", factor * 96 * 1024, NULL);
    gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 2400);
    picture_settle (fixture->window);
    picture_take (fixture->window, name);
    gtk_widget_measure (fixture->window, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
    g_assert_cmpint (least, ==, 360);
  }
  gtk_settings_reset_property (gtk_settings_get_default (), "gtk-xft-dpi");
}

/* For people to look at. */
static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  picture_take_looks (fixture->window, "help");
  expand_all (fixture);
  picture_take_looks (fixture->window, "help-open");
}

int
main (int argc, char *argv[])
{
  application = stage_begin (&argc, &argv);
  /* Rows are open at once. */
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/ui/help/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("opens", test_opens);
  ADD ("answers", test_answers);
  ADD ("names", test_names);
  ADD ("buttons", test_buttons);
  ADD ("opens-others", test_opens_others);
  ADD ("escape", test_escape);
  ADD ("narrow", test_narrow);
  ADD ("pictures", test_pictures);
  return stage_run ();
}
