/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relays-page.h"

#include "clove-describe-relay.h"
#include "clove-relay-header.h"
#include "clove-relay-menu.h"
#include "clove-relay-model.h"
#include "clove-relay-row.h"
#include "clove-wrap-row.h"

#include <glib/gi18n.h>
#include <string.h>

struct _CloveRelaysPage {
  AdwBin parent_instance;

  /* Template children. */
  GtkStack *views;
  AdwStatusPage *empty;
  GtkWidget *reload;
  GtkWidget *search;
  GtkLabel *count;
  GtkStack *results;
  CloveRelayHeader *header;
  GtkListView *list;
  AdwStatusPage *nothing;

  /* Owned. */
  CloveRelayModel *model;
  GtkFilter *filter;
  GtkSorter *sorter;
  GtkFilterListModel *filtered;
  GtkSelectionModel *selection;
  GtkWidget *menu; /* unparented in dispose */
  char *folded;    /* what is searched for, or "" */
  char *filter_name;

  /* Borrowed. */
  GtkWidget *menu_owner; /* the row whose menu is open; weak */

  CloveRelayColumn column;
  gboolean is_reversed;
};

G_DEFINE_FINAL_TYPE (CloveRelaysPage, clove_relays_page, ADW_TYPE_BIN)

enum {
  PROP_SORT = 1,
  PROP_REVERSED,
  PROP_FILTER,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

#define FILTER_ALL         "all"
#define FILTER_IN_USE      "in-use"
#define FILTER_BLACKLISTED "blacklisted"

static gboolean
is_shown (gpointer object, gpointer user_data)
{
  CloveRelaysPage *self = user_data;
  CloveRelayItem *item = object;
  CloveRelayUse use = clove_relay_item_get_place (item)->use;

  if (g_str_equal (self->filter_name, FILTER_IN_USE) && use != CLOVE_RELAY_USE_LIVE &&
      use != CLOVE_RELAY_USE_LIVE_FAILED)
    return FALSE;
  if (g_str_equal (self->filter_name, FILTER_BLACKLISTED) && !clove_relay_item_is_banned (item))
    return FALSE;
  return self->folded[0] == '\0' || clove_relay_item_matches (item, self->folded);
}

static gint
compare (CloveRelayItem *a, CloveRelayItem *b, gpointer user_data)
{
  CloveRelaysPage *self = user_data;

  return clove_relay_column_compare (self->column, self->is_reversed, a, b);
}

static void
set_label (GtkLabel *label, const char *text)
{
  if (!g_str_equal (gtk_label_get_label (label), text))
    gtk_label_set_label (label, text);
}

/* Why there is nothing to see, and what is under it. */
static void
show_nothing (CloveRelaysPage *self)
{
  const char *icon = "clove-relays-symbolic";
  const char *title = _ ("No relay is in use");
  const char *description = _ ("Relays are in use while there is a circuit.");

  if (self->folded[0] != '\0') {
    icon = "edit-find-symbolic";
    title = _ ("No relay matches");
    description = _ ("Search for a part of a name or address, or for the beginning of a key.");
  } else if (g_str_equal (self->filter_name, FILTER_BLACKLISTED)) {
    icon = "clove-relay-in-use-symbolic";
    title = _ ("No relay is blacklisted");
    description = _ ("A relay that fails is passed over for 5 minutes.");
  }
  adw_status_page_set_icon_name (self->nothing, icon);
  adw_status_page_set_title (self->nothing, title);
  adw_status_page_set_description (self->nothing, description);
}

static void
update_count (CloveRelaysPage *self)
{
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  guint n_relays = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  g_autofree char *text =
    clove_describe_relay_count (n_shown, n_relays, clove_relay_model_get_n_banned (self->model));

  set_label (self->count, text);
  if (n_shown == 0)
    show_nothing (self);
  gtk_stack_set_visible_child_name (self->results, n_shown > 0 ? "list" : "nothing");
}

static void
scroll_to_top (CloveRelaysPage *self)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", 0);
}

static void
update_filter (CloveRelaysPage *self, GtkFilterChange change)
{
  gtk_filter_changed (self->filter, change);
  update_count (self);
  scroll_to_top (self);
}

static void
update_sort (CloveRelaysPage *self)
{
  clove_relay_header_set_sort (self->header, self->column, self->is_reversed);
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  scroll_to_top (self);
}

static void
set_filter (CloveRelaysPage *self, const char *name)
{
  if (g_str_equal (self->filter_name, name))
    return;
  g_free (self->filter_name);
  self->filter_name = g_strdup (name);
  update_filter (self, GTK_FILTER_CHANGE_DIFFERENT);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILTER]);
}

static void
set_column (CloveRelaysPage *self, const char *name)
{
  CloveRelayColumn column = self->column;

  if (!clove_relay_column_parse (&column, name) || column == self->column)
    return;
  self->column = column;
  update_sort (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SORT]);
}

static void
set_reversed (CloveRelaysPage *self, gboolean is_reversed)
{
  if (self->is_reversed == is_reversed)
    return;
  self->is_reversed = is_reversed;
  update_sort (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REVERSED]);
}

static void
on_search_changed (GtkSearchEntry *entry, gpointer user_data)
{
  CloveRelaysPage *self = user_data;
  g_autofree char *trimmed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  g_autofree char *old = self->folded;
  GtkFilterChange change = GTK_FILTER_CHANGE_DIFFERENT;

  self->folded = g_utf8_casefold (trimmed, -1);
  if (g_str_has_prefix (self->folded, old))
    change = GTK_FILTER_CHANGE_MORE_STRICT;
  else if (g_str_has_prefix (old, self->folded))
    change = GTK_FILTER_CHANGE_LESS_STRICT;
  update_filter (self, change);
}

static void
on_stop_search (GtkSearchEntry *entry, gpointer user_data)
{
  CloveRelaysPage *self = user_data;

  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
on_search_activate (GtkSearchEntry *entry, gpointer user_data)
{
  CloveRelaysPage *self = user_data;

  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

/* The row that a widget belongs to: it may be in it, or be the list's own widget around it. */
static CloveRelayRow *
find_row (GtkWidget *widget)
{
  GtkWidget *row = NULL;

  if (widget == NULL)
    return NULL;
  row = gtk_widget_get_ancestor (widget, CLOVE_TYPE_RELAY_ROW);
  if (row == NULL && CLOVE_IS_RELAY_ROW (gtk_widget_get_first_child (widget)))
    row = gtk_widget_get_first_child (widget);
  return row != NULL ? CLOVE_RELAY_ROW (row) : NULL;
}

static void
show_menu (CloveRelaysPage *self, CloveRelayRow *row, const GdkRectangle *place)
{
  g_autoptr (GMenuModel) menu = clove_relay_menu_new (clove_relay_row_get_item (row));

  /* Beside the pointer, but at the end of the button. */
  gtk_widget_set_halign (self->menu, place->width > 1 ? GTK_ALIGN_END : GTK_ALIGN_START);
  g_set_weak_pointer (&self->menu_owner, gtk_widget_get_parent (GTK_WIDGET (row)));
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), menu);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), place);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* GTK would move the focus to the first of the page's widgets. */
static void
on_menu_closed (GtkPopover *menu, gpointer user_data)
{
  CloveRelaysPage *self = user_data;

  if (self->menu_owner != NULL && gtk_widget_get_mapped (self->menu_owner))
    gtk_widget_grab_focus (self->menu_owner);
  g_clear_weak_pointer (&self->menu_owner);
}

static void
on_menu_requested (CloveRelayRow *row, gpointer user_data)
{
  CloveRelaysPage *self = user_data;
  graphene_rect_t bounds;
  GdkRectangle place = { 0 };

  graphene_rect_init (&bounds, 0, 0, 0, 0);
  if (!gtk_widget_compute_bounds (clove_relay_row_get_menu_button (row), GTK_WIDGET (self),
                                  &bounds))
    return;
  place.x = (gint) bounds.origin.x;
  place.y = (gint) bounds.origin.y;
  place.width = (gint) bounds.size.width;
  place.height = (gint) bounds.size.height;
  show_menu (self, row, &place);
}

static void
on_row_activated (GtkListView *list, guint position, gpointer user_data)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (list));
  CloveRelayRow *row = find_row (gtk_root_get_focus (root));

  if (row != NULL)
    on_menu_requested (row, user_data);
}

static void
show_menu_at (CloveRelaysPage *self, gdouble x, gdouble y)
{
  CloveRelayRow *row =
    find_row (gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT));

  if (row != NULL)
    show_menu (self, row, &(GdkRectangle){ (gint) x, (gint) y, 1, 1 });
}

static void
on_pressed (GtkGestureClick *gesture, gint n_press, gdouble x, gdouble y, gpointer user_data)
{
  GdkEventSequence *sequence =
    gtk_gesture_single_get_current_sequence (GTK_GESTURE_SINGLE (gesture));
  GdkEvent *event = gtk_gesture_get_last_event (GTK_GESTURE (gesture), sequence);

  if (event == NULL || !gdk_event_triggers_context_menu (event))
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu_at (user_data, x, y);
}

static void
on_long_pressed (GtkGestureLongPress *gesture, gdouble x, gdouble y, gpointer user_data)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu_at (user_data, x, y);
}

static void
on_show_menu (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);
  CloveRelayRow *row = find_row (gtk_root_get_focus (gtk_widget_get_root (widget)));

  if (row != NULL)
    on_menu_requested (row, self);
}

static void
on_show_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);

  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  set_filter (self, FILTER_ALL);
}

static void
on_perform (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);
  CloveRelayItem *item =
    clove_relay_model_find_address (self->model, g_variant_get_string (parameter, NULL));

  if (item != NULL)
    clove_relay_menu_perform (widget, action, item);
}

static gboolean
on_find (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);

  if (!gtk_widget_get_mapped (self->search))
    return FALSE;
  return gtk_widget_grab_focus (self->search);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkWidget *row = clove_relay_row_new ();

  g_signal_connect_object (row, "menu-requested", G_CALLBACK (on_menu_requested), user_data, 0);
  gtk_list_item_set_child (list_item, row);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  clove_relay_row_set_item (CLOVE_RELAY_ROW (gtk_list_item_get_child (list_item)),
                            gtk_list_item_get_item (list_item));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  clove_relay_row_set_item (CLOVE_RELAY_ROW (gtk_list_item_get_child (list_item)), NULL);
}

/* Letters go to the search wherever the focus is, but only before somebody's eyes. */
static void
clove_relays_page_map (GtkWidget *widget)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);

  GTK_WIDGET_CLASS (clove_relays_page_parent_class)->map (widget);
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search),
                                           GTK_WIDGET (gtk_widget_get_root (widget)));
}

static void
clove_relays_page_unmap (GtkWidget *widget)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (widget);

  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search), NULL);
  GTK_WIDGET_CLASS (clove_relays_page_parent_class)->unmap (widget);
}

static void
clove_relays_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (object);

  switch (id) {
    case PROP_SORT:
      g_value_set_static_string (value, clove_relay_column_name (self->column));
      break;
    case PROP_REVERSED:
      g_value_set_boolean (value, self->is_reversed);
      break;
    case PROP_FILTER:
      g_value_set_string (value, self->filter_name);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
clove_relays_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (object);

  switch (id) {
    case PROP_SORT:
      set_column (self, g_value_get_string (value));
      break;
    case PROP_REVERSED:
      set_reversed (self, g_value_get_boolean (value));
      break;
    case PROP_FILTER:
      set_filter (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
clove_relays_page_dispose (GObject *object)
{
  CloveRelaysPage *self = CLOVE_RELAYS_PAGE (object);

  g_clear_weak_pointer (&self->menu_owner);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  if (self->list != NULL) {
    gtk_list_view_set_model (self->list, NULL);
    gtk_list_view_set_factory (self->list, NULL);
  }
  g_clear_object (&self->selection);
  g_clear_object (&self->filtered);
  g_clear_object (&self->sorter);
  g_clear_object (&self->filter);
  g_clear_object (&self->model);
  g_clear_pointer (&self->folded, g_free);
  g_clear_pointer (&self->filter_name, g_free);

  G_OBJECT_CLASS (clove_relays_page_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[PROP_SORT] = g_param_spec_string ("sort", NULL, NULL, "state", flags);
  properties[PROP_REVERSED] = g_param_spec_boolean ("reversed", NULL, NULL, FALSE, flags);
  properties[PROP_FILTER] = g_param_spec_string ("filter", NULL, NULL, FILTER_ALL, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  static const char *const verbs[] = { CLOVE_RELAY_ACTION_CLEAR, CLOVE_RELAY_ACTION_BAN,
                                       CLOVE_RELAY_ACTION_BAN_FOR_EVER,
                                       CLOVE_RELAY_ACTION_COPY_KEY,
                                       CLOVE_RELAY_ACTION_COPY_ADDRESS };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_class_install_action (widget_class, verbs[i], "s", on_perform);
  gtk_widget_class_install_action (widget_class, "relays.show-all", NULL, on_show_all);
  gtk_widget_class_install_action (widget_class, "relays.show-menu", NULL, on_show_menu);
  gtk_widget_class_install_property_action (widget_class, "relays.sort", "sort");
  gtk_widget_class_install_property_action (widget_class, "relays.reversed", "reversed");
  gtk_widget_class_install_property_action (widget_class, "relays.filter", "filter");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Menu, 0, "relays.show-menu", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK,
                                       "relays.show-menu", NULL);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, views);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, empty);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, reload);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, search);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, count);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, results);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, header);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, list);
  gtk_widget_class_bind_template_child (widget_class, CloveRelaysPage, nothing);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
clove_relays_page_class_init (CloveRelaysPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = clove_relays_page_dispose;
  object_class->get_property = clove_relays_page_get_property;
  object_class->set_property = clove_relays_page_set_property;
  widget_class->map = clove_relays_page_map;
  widget_class->unmap = clove_relays_page_unmap;

  g_type_ensure (CLOVE_TYPE_RELAY_HEADER);
  g_type_ensure (CLOVE_TYPE_WRAP_ROW);
  install_properties (object_class);
  install_actions (widget_class);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-relays-page.ui");
  bind_children (widget_class);
}

static void
add_controllers (CloveRelaysPage *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *long_press = gtk_gesture_long_press_new ();
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (long_press), TRUE);
  g_signal_connect (long_press, "pressed", G_CALLBACK (on_long_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (long_press));
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (shortcuts),
    gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_f, GDK_CONTROL_MASK),
                      gtk_callback_action_new (on_find, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}

static void
add_list (CloveRelaysPage *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkSortListModel *sorted = NULL;
  GtkSingleSelection *selection = NULL;

  self->model = clove_relay_model_new ();
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  self->sorter = GTK_SORTER (gtk_custom_sorter_new ((GCompareDataFunc) compare, self, NULL));
  self->filtered = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->model)),
                                              g_object_ref (self->filter));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->filtered)),
                                    g_object_ref (self->sorter));
  selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  self->selection = GTK_SELECTION_MODEL (selection);
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), self);
  gtk_list_view_set_factory (self->list, factory);
  g_object_unref (factory);
  gtk_list_view_set_model (self->list, self->selection);
}

static void
clove_relays_page_init (CloveRelaysPage *self)
{
  self->folded = g_strdup ("");
  self->filter_name = g_strdup (FILTER_ALL);
  self->column = CLOVE_RELAY_COLUMN_STATE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->menu = gtk_popover_menu_new_from_model (NULL);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  g_signal_connect (self->menu, "closed", G_CALLBACK (on_menu_closed), self);
  add_list (self);
  add_controllers (self);
  clove_relay_header_set_sort (self->header, self->column, self->is_reversed);
}

/* (transfer full): A clause of the engine's as a sentence of its own. */
static char *
make_sentence (const char *clause)
{
  g_autofree char *words = clove_describe_detail (clause);
  g_autofree char *first = g_utf8_substring (words, 0, words[0] != '\0' ? 1 : 0);
  g_autofree char *upper = g_utf8_strup (first, -1);

  return g_strconcat (upper, words + strlen (first), NULL);
}

/* There is no directory: say why. */
static void
show_empty (CloveRelaysPage *self, const CloveSnapshot *snapshot)
{
  g_autofree char *title = clove_describe_title (snapshot);
  g_autofree char *description = make_sentence (snapshot->directory_problem);

  if (description[0] == '\0') {
    g_free (description);
    description = g_strdup (_ ("Relays are listed here once the list of relays is loaded."));
  }
  if (!g_str_equal (adw_status_page_get_title (self->empty), title))
    adw_status_page_set_title (self->empty, title);
  if (g_strcmp0 (adw_status_page_get_description (self->empty), description) != 0)
    adw_status_page_set_description (self->empty, description);
  gtk_widget_set_visible (self->reload, snapshot->state == CLOVE_ENGINE_WAITING);
}

/** clove_relays_page_show: Show @snapshot; @now_us is the monotonic time, for what counts down. */
void
clove_relays_page_show (CloveRelaysPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
  CloveRelayChanges changes = clove_relay_model_apply (self->model, snapshot);
  gboolean has_relays = g_list_model_get_n_items (G_LIST_MODEL (self->model)) > 0;

  clove_relay_model_tick (self->model, now_us);
  if ((changes & clove_relay_column_changes (self->column)) != 0)
    gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  if ((changes & CLOVE_RELAY_CHANGED_STATUS) != 0 &&
      !g_str_equal (self->filter_name, FILTER_ALL))
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  if ((changes & CLOVE_RELAY_CHANGED_RELAY) != 0 && self->folded[0] != '\0')
    gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  if (has_relays)
    update_count (self);
  else
    show_empty (self, snapshot);
  gtk_stack_set_visible_child_name (self->views, has_relays ? "relays" : "empty");
}
