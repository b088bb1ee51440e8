/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of relays: what it shows for every state, and what can be done there. */
#include "config.h"

#include "clove-relay-header.h"
#include "clove-relay-row.h"
#include "clove-relays-page.h"
#include "made-snapshots.h"
#include "picture.h"

#include <string.h>

typedef struct {
  GtkWidget *window;
  CloveRelaysPage *page;
  char *activated; /* the last action of the application, with its parameter */
} Fixture;

static gpointer
get_child (Fixture *fixture, const char *name)
{
  GObject *child =
    gtk_widget_get_template_child (GTK_WIDGET (fixture->page), CLOVE_TYPE_RELAYS_PAGE, name);

  g_assert_nonnull (child);
  return child;
}

static void
on_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *text = g_variant_print (parameter, FALSE);

  g_free (fixture->activated);
  fixture->activated = g_strdup_printf ("%s %s", g_action_get_name (G_ACTION (action)), text);
}

static void
add_actions (Fixture *fixture)
{
  static const GActionEntry entries[] = {
    { "clear-relay", on_activated, "s", NULL, NULL, { 0 } },
    { "ban-relay", on_activated, "(sb)", NULL, NULL, { 0 } },
  };
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), fixture);
  gtk_widget_insert_action_group (fixture->window, "app", G_ACTION_GROUP (group));
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->page = g_object_new (CLOVE_TYPE_RELAYS_PAGE, NULL);
  fixture->window = picture_window_new (GTK_WIDGET (fixture->page));
  add_actions (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->page), (gpointer *) &fixture->page);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_null (fixture->page);
  g_clear_pointer (&fixture->activated, g_free);
}

static void
show (Fixture *fixture, const char *name)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot (name);

  clove_relays_page_show (fixture->page, snapshot, MADE_NOW_US);
  picture_settle (fixture->window);
}

static void
activate (Fixture *fixture, const char *action, const char *target)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->page), action,
                                             target != NULL ? "s" : NULL, target));
}

static void
search (Fixture *fixture, const char *text)
{
  GtkEditable *entry = get_child (fixture, "search");

  gtk_editable_set_text (entry, text);
  /* It would come by itself when the user pauses. */
  g_signal_emit_by_name (entry, "search-changed");
}

/* The names in the order of the list. */
static char *
get_names (Fixture *fixture)
{
  GListModel *list = G_LIST_MODEL (gtk_list_view_get_model (get_child (fixture, "list")));
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++) {
    g_autoptr (CloveRelayItem) item = g_list_model_get_item (list, i);

    g_string_append_printf (names, "%s%s", i > 0 ? " " : "", clove_relay_item_get_name (item));
  }
  return g_string_free (names, FALSE);
}

#define assert_names(fixture, expected)            \
  G_STMT_START                                     \
  {                                                \
    g_autofree char *names_ = get_names (fixture); \
    g_assert_cmpstr (names_, ==, expected);        \
  }                                                \
  G_STMT_END

static const char *
get_count (Fixture *fixture)
{
  return gtk_label_get_label (get_child (fixture, "count"));
}

static const char *
get_results (Fixture *fixture)
{
  return gtk_stack_get_visible_child_name (get_child (fixture, "results"));
}

static GtkWidget *
find_row_in (GtkWidget *widget, const char *name)
{
  if (CLOVE_IS_RELAY_ROW (widget)) {
    CloveRelayItem *item = clove_relay_row_get_item (CLOVE_RELAY_ROW (widget));

    return item != NULL && g_str_equal (clove_relay_item_get_name (item), name) ? widget : NULL;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_row_in (child, name);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static GtkWidget *
find_row (Fixture *fixture, const char *name)
{
  GtkWidget *row = find_row_in (get_child (fixture, "list"), name);

  g_assert_nonnull (row);
  return row;
}

static const char *
get_text (GtkWidget *row, const char *name)
{
  GObject *label = gtk_widget_get_template_child (row, CLOVE_TYPE_RELAY_ROW, name);

  return gtk_label_get_label (GTK_LABEL (label));
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (fixture->page)));
}

/* No warning is logged for any state (warnings are fatal), and people can look. */
static void
test_states (Fixture *fixture, gconstpointer user_data)
{
  static const char *const names[] = { "building", "connected", "no-directory", "rebuilding",
                                       "recovered" };

  for (guint i = 0; i < n_made_snapshots; i++)
    show (fixture, made_snapshots[i].name);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *name = g_strdup_printf ("relays-page-%s", names[i]);

    show (fixture, names[i]);
    gtk_widget_grab_focus (get_child (fixture, "list"));
    picture_take_looks (fixture->window, name);
  }
}

static void
test_rows (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *row = NULL;

  show (fixture, "recovered");
  row = find_row (fixture, "relay3");
  g_assert_cmpstr (get_text (row, "state"), ==, "Blacklisted 4:21");
  g_assert_cmpstr (get_text (row, "detail"), ==, "in use until replaced");
  g_assert_cmpstr (get_text (row, "address"), ==, "192.0.2.3:9001");
  g_assert_cmpstr (get_text (row, "rtt"), ==, "42 ms");
  row = find_row (fixture, "relay5");
  g_assert_cmpstr (get_text (row, "state"), ==, "In use as entry");
  g_assert_cmpstr (get_text (row, "roles"), ==, "Entry, middle");
  g_assert_cmpstr (get_count (fixture), ==, "6 relays, 2 blacklisted");
}

/* A countdown changes one label; the row stays the row of that relay. */
static void
test_countdown (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("recovered");
  GtkWidget *row = NULL;

  clove_relays_page_show (fixture->page, snapshot, MADE_NOW_US);
  picture_settle (fixture->window);
  row = find_row (fixture, "relay3");
  clove_relays_page_show (fixture->page, snapshot, MADE_NOW_US + 2 * G_TIME_SPAN_SECOND);
  g_assert_true (find_row (fixture, "relay3") == row);
  g_assert_cmpstr (get_text (row, "state"), ==, "Blacklisted 4:19");
  g_assert_cmpstr (get_text (find_row (fixture, "relay1"), "state"), ==, "Blacklisted by you");
}

static void
test_sort (Fixture *fixture, gconstpointer user_data)
{
  show (fixture, "recovered");
  assert_names (fixture, "relay5 relay2 relay4 relay6 relay3 relay1");
  activate (fixture, "relays.sort", "name");
  assert_names (fixture, "relay1 relay2 relay3 relay4 relay5 relay6");
  activate (fixture, "relays.reversed", NULL);
  assert_names (fixture, "relay6 relay5 relay4 relay3 relay2 relay1");
  activate (fixture, "relays.reversed", NULL);
  activate (fixture, "relays.sort", "rtt");
  assert_names (fixture, "relay4 relay5 relay1 relay2 relay3 relay6");
  activate (fixture, "relays.sort", "nonsense");
  assert_names (fixture, "relay4 relay5 relay1 relay2 relay3 relay6");
}

/* The list follows what it is sorted by. */
static void
test_sort_follows (Fixture *fixture, gconstpointer user_data)
{
  show (fixture, "connected");
  assert_names (fixture, "relay5 relay2 relay3 relay4 relay1 relay6");
  show (fixture, "rebuilding");
  assert_names (fixture, "relay5 relay1 relay6 relay4 relay2 relay3");
}

static void
test_header (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *header = get_child (fixture, "header");
  GtkWidget *name = gtk_widget_get_first_child (header);

  show (fixture, "connected");
  gtk_test_accessible_assert_role (name, GTK_ACCESSIBLE_ROLE_COLUMN_HEADER);
  gtk_test_accessible_assert_property (name, GTK_ACCESSIBLE_PROPERTY_SORT,
                                       GTK_ACCESSIBLE_SORT_NONE);
  g_signal_emit_by_name (name, "clicked");
  assert_names (fixture, "relay1 relay2 relay3 relay4 relay5 relay6");
  gtk_test_accessible_assert_property (name, GTK_ACCESSIBLE_PROPERTY_SORT,
                                       GTK_ACCESSIBLE_SORT_ASCENDING);
  g_signal_emit_by_name (name, "clicked");
  assert_names (fixture, "relay6 relay5 relay4 relay3 relay2 relay1");
  gtk_test_accessible_assert_property (name, GTK_ACCESSIBLE_PROPERTY_SORT,
                                       GTK_ACCESSIBLE_SORT_DESCENDING);
}

static void
test_filter (Fixture *fixture, gconstpointer user_data)
{
  show (fixture, "recovered");
  activate (fixture, "relays.filter", "blacklisted");
  assert_names (fixture, "relay3 relay1");
  g_assert_cmpstr (get_count (fixture), ==, "2 of 6 relays");
  activate (fixture, "relays.filter", "in-use");
  assert_names (fixture, "relay5 relay2 relay3");
  /* What is filtered by changes. */
  activate (fixture, "relays.filter", "blacklisted");
  show (fixture, "connected");
  assert_names (fixture, "");
  g_assert_cmpstr (get_results (fixture), ==, "nothing");
  g_assert_cmpstr (adw_status_page_get_title (get_child (fixture, "nothing")), ==,
                   "No relay is blacklisted");
  picture_settle (fixture->window);
  picture_take (fixture->window, "relays-page-nothing-blacklisted");
  activate (fixture, "relays.show-all", NULL);
  g_assert_cmpstr (get_results (fixture), ==, "list");
}

static void
test_search (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveRelayItem) item = NULL;
  g_autofree char *key = NULL;

  show (fixture, "connected");
  item = g_list_model_get_item (
    G_LIST_MODEL (gtk_list_view_get_model (get_child (fixture, "list"))), 0);
  key = clove_relay_item_dup_key_text (item);
  search (fixture, " RELAY5 ");
  assert_names (fixture, "relay5");
  search (fixture, "2.3:90");
  assert_names (fixture, "relay3");
  key[9] = '\0';
  search (fixture, key);
  assert_names (fixture, "relay5");
  search (fixture, "no such");
  assert_names (fixture, "");
  g_assert_cmpstr (adw_status_page_get_title (get_child (fixture, "nothing")), ==,
                   "No relay matches");
  g_assert_cmpstr (get_count (fixture), ==, "0 of 6 relays");
  picture_settle (fixture->window);
  picture_take (fixture->window, "relays-page-no-match");
  g_signal_emit_by_name (get_child (fixture, "search"), "stop-search");
  search (fixture, "");
  g_assert_cmpstr (get_results (fixture), ==, "list");
}

static void
test_empty (Fixture *fixture, gconstpointer user_data)
{
  AdwStatusPage *empty = get_child (fixture, "empty");

  show (fixture, "no-directory");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (get_child (fixture, "views")), ==, "empty");
  g_assert_cmpstr (adw_status_page_get_description (empty), ==,
                   "The directory could not be loaded: no route to host");
  g_assert_true (gtk_widget_get_visible (get_child (fixture, "reload")));
  show (fixture, "off");
  g_assert_cmpstr (adw_status_page_get_title (empty), ==, "The proxy is off");
  g_assert_false (gtk_widget_get_visible (get_child (fixture, "reload")));
  show (fixture, "connected");
  g_assert_cmpstr (gtk_stack_get_visible_child_name (get_child (fixture, "views")), ==, "relays");
}

static void
test_actions (Fixture *fixture, gconstpointer user_data)
{
  show (fixture, "recovered");
  activate (fixture, "relays.clear", "192.0.2.3:9001");
  g_assert_cmpstr (fixture->activated, ==, "clear-relay '192.0.2.3:9001'");
  activate (fixture, "relays.ban", "192.0.2.2:9001");
  g_assert_cmpstr (fixture->activated, ==, "ban-relay ('192.0.2.2:9001', false)");
  activate (fixture, "relays.ban-until-cleared", "192.0.2.2:9001");
  g_assert_cmpstr (fixture->activated, ==, "ban-relay ('192.0.2.2:9001', true)");
  g_clear_pointer (&fixture->activated, g_free);
  activate (fixture, "relays.clear", "198.51.100.1:9001");
  g_assert_null (fixture->activated);
}

static char *
get_copied (Fixture *fixture)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (fixture->window);
  GValue value = G_VALUE_INIT;
  char *text = NULL;

  g_value_init (&value, G_TYPE_STRING);
  g_assert_true (
    gdk_content_provider_get_value (gdk_clipboard_get_content (clipboard), &value, NULL));
  text = g_value_dup_string (&value);
  g_value_unset (&value);
  return text;
}

static void
test_copy (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *address = NULL;
  g_autofree char *key = NULL;
  g_autofree char *expected = NULL;

  show (fixture, "connected");
  activate (fixture, "relays.copy-address", "192.0.2.4:9001");
  address = get_copied (fixture);
  g_assert_cmpstr (address, ==, "192.0.2.4:9001");
  activate (fixture, "relays.copy-key", "192.0.2.4:9001");
  key = get_copied (fixture);
  expected = clove_relay_item_dup_key_text (
    clove_relay_row_get_item (CLOVE_RELAY_ROW (find_row (fixture, "relay4"))));
  g_assert_cmpstr (key, ==, expected);
}

static GtkWidget *
find_menu (Fixture *fixture)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (fixture->page));

  while (child != NULL && !GTK_IS_POPOVER_MENU (child))
    child = gtk_widget_get_next_sibling (child);
  g_assert_nonnull (child);
  return child;
}

static void
add_offers (GString *offers, GMenuModel *section)
{
  for (gint j = 0; j < g_menu_model_get_n_items (section); j++) {
    g_autofree char *action = NULL;

    g_assert_true (g_menu_model_get_item_attribute (section, j, G_MENU_ATTRIBUTE_ACTION, "s",
                                                    &action));
    g_string_append_printf (offers, "%s ", action + strlen ("relays."));
  }
}

/* The actions that the menu offers, in its order. */
static char *
get_offers (GtkWidget *menu)
{
  GMenuModel *model = gtk_popover_menu_get_menu_model (GTK_POPOVER_MENU (menu));
  GString *offers = g_string_new (NULL);

  for (gint i = 0; i < g_menu_model_get_n_items (model); i++) {
    g_autoptr (GMenuModel) section = g_menu_model_get_item_link (model, i, G_MENU_LINK_SECTION);

    add_offers (offers, section);
  }
  return g_string_free (offers, FALSE);
}

/* By its button, and by the keyboard for the row that has the focus. */
static void
test_menu (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *menu = find_menu (fixture);
  g_autofree char *of_banned = NULL;
  g_autofree char *of_users = NULL;
  g_autofree char *of_ready = NULL;
  GtkWidget *row = NULL;

  show (fixture, "recovered");
  row = find_row (fixture, "relay3");
  g_signal_emit_by_name (clove_relay_row_get_menu_button (CLOVE_RELAY_ROW (row)), "clicked");
  g_assert_true (gtk_widget_get_visible (menu));
  of_banned = get_offers (menu);
  g_assert_cmpstr (of_banned, ==, "clear ban ban-until-cleared copy-key copy-address ");
  picture_settle (fixture->window);
  gtk_popover_popdown (GTK_POPOVER (menu));
  row = find_row (fixture, "relay1");
  g_signal_emit_by_name (clove_relay_row_get_menu_button (CLOVE_RELAY_ROW (row)), "clicked");
  of_users = get_offers (menu);
  g_assert_cmpstr (of_users, ==, "clear ban copy-key copy-address ");
  gtk_popover_popdown (GTK_POPOVER (menu));
  picture_settle (fixture->window);
  g_assert_true (gtk_widget_grab_focus (gtk_widget_get_parent (find_row (fixture, "relay2"))));
  activate (fixture, "relays.show-menu", NULL);
  g_assert_true (gtk_widget_get_visible (menu));
  of_ready = get_offers (menu);
  g_assert_cmpstr (of_ready, ==, "ban ban-until-cleared copy-key copy-address ");
  gtk_popover_popdown (GTK_POPOVER (menu));
  picture_settle (fixture->window);
  g_assert_true (gtk_root_get_focus (GTK_ROOT (fixture->window)) ==
                 gtk_widget_get_parent (find_row (fixture, "relay2")));
}

static void
test_accessible (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *row = NULL;

  show (fixture, "recovered");
  row = find_row (fixture, "relay3");
  gtk_test_accessible_assert_property (
    gtk_widget_get_parent (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
    "\u2068relay3\u2069: Blacklisted for a while, in use until replaced. "
    "2 of 10 worked, so it is rarely chosen.");
  gtk_test_accessible_assert_property (clove_relay_row_get_menu_button (CLOVE_RELAY_ROW (row)),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Actions for \u2068relay3\u2069");
  gtk_test_accessible_assert_property (get_child (fixture, "search"),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Search relays");
  gtk_test_accessible_assert_property (get_child (fixture, "list"), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Relays");
}

/* Columns stand under their titles; where there is no room, there are no titles. */
static void
test_columns (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *header = get_child (fixture, "header");
  GtkWidget *row = NULL;
  CloveRelayColumns of_header = { 0 };
  CloveRelayColumns of_row = { 0 };

  show (fixture, "connected");
  row = find_row (fixture, "relay3");
  clove_relay_columns_init (&of_header, header, gtk_widget_get_width (header));
  clove_relay_columns_init (&of_row, row, gtk_widget_get_width (row));
  g_assert_true (of_header.is_wide);
  g_assert_cmpmem (&of_header, sizeof of_header, &of_row, sizeof of_row);
  g_assert_cmpint (gtk_widget_get_height (header), >, 0);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 720);
  picture_settle (fixture->window);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (fixture->page)), <=, 360);
  g_assert_cmpint (gtk_widget_get_height (header), ==, 0);
}

static void
test_many (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot_of_many (10000);

  clove_relays_page_show (fixture->page, snapshot, MADE_NOW_US);
  g_assert_cmpstr (get_count (fixture), ==, "10000 relays");
  search (fixture, "relay9999");
  assert_names (fixture, "relay9999");
  search (fixture, "");
  picture_settle (fixture->window);
  picture_take (fixture->window, "relays-page-many");
}

/* Twice the size of text: columns give way to lines where they have to, and nothing is cut off. */
static void
test_large_text (Fixture *fixture, gconstpointer user_data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  gint dpi = 0;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * dpi, NULL);
  show (fixture, "recovered");
  gtk_widget_grab_focus (get_child (fixture, "list"));
  picture_settle (fixture->window);
  picture_take (fixture->window, "relays-page-large");
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 720);
  picture_settle (fixture->window);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (fixture->page)), <=, 360);
  picture_take (fixture->window, "relays-page-large-narrow");
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
}

static void
load_style (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();
  GdkDisplay *display = gdk_display_get_default ();

  gtk_css_provider_load_from_resource (style, CLOVE_RESOURCES "/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    CLOVE_RESOURCES "/icons");
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  load_style ();
#define ADD(name, function) \
  g_test_add ("/clove/ui/relays/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("states", test_states);
  ADD ("rows", test_rows);
  ADD ("countdown", test_countdown);
  ADD ("sort", test_sort);
  ADD ("sort-follows", test_sort_follows);
  ADD ("header", test_header);
  ADD ("filter", test_filter);
  ADD ("search", test_search);
  ADD ("empty", test_empty);
  ADD ("actions", test_actions);
  ADD ("copy", test_copy);
  ADD ("menu", test_menu);
  ADD ("accessible", test_accessible);
  ADD ("columns", test_columns);
  ADD ("many", test_many);
  ADD ("large-text", test_large_text);
  return g_test_run ();
}
