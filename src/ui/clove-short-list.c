/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-short-list.h"

#include <glib/gi18n.h>

struct _CloveShortList {
  GtkBox parent_instance;

  /* Set at construction; owned. */
  char *heading;
  char *page;
  char *empty;

  /* Template children. */
  GtkLabel *heading_label;
  GtkButton *all;
  GtkListBox *list;
  AdwActionRow *empty_row;
  AdwActionRow *more_row;

  /* Owned by GTK as children of the list. */
  AdwActionRow *rows[CLOVE_SHORT_LIST_MAX_ITEMS];
  GtkLabel *asides[CLOVE_SHORT_LIST_MAX_ITEMS];
};

G_DEFINE_FINAL_TYPE (CloveShortList, clove_short_list, GTK_TYPE_BOX)

enum {
  PROP_0,
  PROP_HEADING,
  PROP_PAGE,
  PROP_EMPTY,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static char **
get_string (CloveShortList *self, guint prop_id)
{
  switch (prop_id) {
    case PROP_HEADING:
      return &self->heading;
    case PROP_PAGE:
      return &self->page;
    case PROP_EMPTY:
    default:
      return &self->empty;
  }
}

static void
clove_short_list_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, *get_string (CLOVE_SHORT_LIST (object), prop_id));
}

static void
clove_short_list_set_property (GObject *object,
                               guint prop_id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  *get_string (CLOVE_SHORT_LIST (object), prop_id) = g_value_dup_string (value);
}

static void
add_row (CloveShortList *self, guint number)
{
  GtkWidget *aside = gtk_label_new (NULL);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", FALSE,
                                 "subtitle-lines", 2, "visible", FALSE, NULL);

  gtk_widget_add_css_class (aside, "numeric");
  gtk_widget_add_css_class (aside, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), aside);
  gtk_list_box_insert (self->list, row, (gint) number);
  self->rows[number] = ADW_ACTION_ROW (row);
  self->asides[number] = GTK_LABEL (aside);
}

static void
clove_short_list_constructed (GObject *object)
{
  CloveShortList *self = CLOVE_SHORT_LIST (object);

  G_OBJECT_CLASS (clove_short_list_parent_class)->constructed (object);
  gtk_label_set_label (self->heading_label, self->heading);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->empty_row), self->empty);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->all), "s", self->page);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->more_row), "s", self->page);
  for (guint i = 0; i < CLOVE_SHORT_LIST_MAX_ITEMS; i++)
    add_row (self, i);
}

static void
clove_short_list_dispose (GObject *object)
{
  CloveShortList *self = CLOVE_SHORT_LIST (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), CLOVE_TYPE_SHORT_LIST);
  g_clear_pointer (&self->heading, g_free);
  g_clear_pointer (&self->page, g_free);
  g_clear_pointer (&self->empty, g_free);

  G_OBJECT_CLASS (clove_short_list_parent_class)->dispose (object);
}

static GParamSpec *
make_string (const char *name)
{
  return g_param_spec_string (name, NULL, NULL, NULL,
                              G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
}

static void
clove_short_list_class_init (CloveShortListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = clove_short_list_constructed;
  object_class->dispose = clove_short_list_dispose;
  object_class->get_property = clove_short_list_get_property;
  object_class->set_property = clove_short_list_set_property;

  properties[PROP_HEADING] = make_string ("heading");
  properties[PROP_PAGE] = make_string ("page");
  properties[PROP_EMPTY] = make_string ("empty");
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-short-list.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveShortList, heading_label);
  gtk_widget_class_bind_template_child (widget_class, CloveShortList, all);
  gtk_widget_class_bind_template_child (widget_class, CloveShortList, list);
  gtk_widget_class_bind_template_child (widget_class, CloveShortList, empty_row);
  gtk_widget_class_bind_template_child (widget_class, CloveShortList, more_row);
}

static void
clove_short_list_init (CloveShortList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_item (CloveShortList *self, guint number, const CloveShortItem *item)
{
  AdwActionRow *row = self->rows[number];

  /* These compare by themselves. */
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), item->title);
  adw_action_row_set_subtitle (row, item->subtitle != NULL ? item->subtitle : "");
  if (g_strcmp0 (gtk_label_get_label (self->asides[number]), item->aside) != 0)
    gtk_label_set_label (self->asides[number], item->aside);
}

/** clove_short_list_show: Show @items, at most four, and that there are @n_more. */
void
clove_short_list_show (CloveShortList *self,
                       const CloveShortItem *items,
                       guint n_items,
                       guint n_more)
{
  g_autofree char *more =
    /* Translators: of relays, or of things that happened, below the first few */
    g_strdup_printf (ngettext ("and %u more", "and %u more", n_more), n_more);

  g_return_if_fail (n_items <= CLOVE_SHORT_LIST_MAX_ITEMS);
  for (guint i = 0; i < CLOVE_SHORT_LIST_MAX_ITEMS; i++) {
    if (i < n_items)
      show_item (self, i, &items[i]);
    gtk_widget_set_visible (GTK_WIDGET (self->rows[i]), i < n_items);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->empty_row), n_items == 0);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->more_row), more);
  gtk_widget_set_visible (GTK_WIDGET (self->more_row), n_more > 0);
}

/** clove_short_item_clear: Free what @item owns. */
void
clove_short_item_clear (CloveShortItem *item)
{
  g_clear_pointer (&item->title, g_free);
  g_clear_pointer (&item->subtitle, g_free);
  g_clear_pointer (&item->aside, g_free);
}
