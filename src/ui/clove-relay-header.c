/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-header.h"

#include <glib/gi18n.h>

#define N_TITLES CLOVE_RELAY_COLUMN_MENU

struct _CloveRelayHeader {
  GtkWidget parent_instance;

  /* Children. */
  GtkWidget *titles[N_TITLES];
  GtkWidget *arrows[N_TITLES];

  CloveRelayColumn column;
  gboolean is_reversed;
};

G_DEFINE_FINAL_TYPE (CloveRelayHeader, clove_relay_header, GTK_TYPE_WIDGET)

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_relay_header_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            gint for_size,
                            gint *minimum,
                            gint *natural,
                            gint *minimum_baseline,
                            gint *natural_baseline)
{
  CloveRelayHeader *self = CLOVE_RELAY_HEADER (widget);
  CloveRelayColumns columns = { 0 };

  clove_relay_columns_init (&columns, widget, for_size);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *natural = columns.min_width;
    return;
  }
  if (for_size >= 0 && !columns.is_wide)
    return;
  for (guint i = 0; i < N_TITLES; i++) {
    gint height = 0;

    gtk_widget_measure (self->titles[i], GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
    *natural = MAX (*natural, height);
  }
  *minimum = for_size >= 0 ? *natural : 0;
}

static void
clove_relay_header_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveRelayHeader *self = CLOVE_RELAY_HEADER (widget);
  CloveRelayColumns columns = { 0 };

  clove_relay_columns_init (&columns, widget, width);
  for (guint i = 0; i < N_TITLES; i++) {
    GdkRectangle place = { columns.x[i] - CLOVE_RELAY_COLUMNS_GAP / 2, 0,
                           columns.width[i] + CLOVE_RELAY_COLUMNS_GAP, height };

    if (!columns.is_wide)
      place.width = 0;
    clove_relay_place_child (widget, self->titles[i], &place);
  }
}

static GtkSizeRequestMode
clove_relay_header_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* The title by which the list is sorted already turns the order round. */
static void
on_clicked (GtkButton *button, gpointer user_data)
{
  CloveRelayHeader *self = user_data;
  CloveRelayColumn column = 0;

  while (self->titles[column] != GTK_WIDGET (button))
    column++;
  if (column == self->column)
    gtk_widget_activate_action (GTK_WIDGET (self), "relays.reversed", NULL);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "relays.sort", "s",
                                clove_relay_column_name (column));
}

static void
add_title (CloveRelayHeader *self, CloveRelayColumn column, const char *text)
{
  gboolean is_at_end = column == CLOVE_RELAY_COLUMN_RTT;
  GtkWidget *label = gtk_label_new (text);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("pan-down-symbolic");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *title = g_object_new (GTK_TYPE_BUTTON, "accessible-role",
                                   GTK_ACCESSIBLE_ROLE_COLUMN_HEADER, "child", box, NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), is_at_end ? arrow : label);
  gtk_box_append (GTK_BOX (box), is_at_end ? label : arrow);
  gtk_widget_set_halign (box, is_at_end ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_add_css_class (title, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (title), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_set_parent (title, GTK_WIDGET (self));
  g_signal_connect (title, "clicked", G_CALLBACK (on_clicked), self);
  self->titles[column] = title;
  self->arrows[column] = arrow;
}

static void
clove_relay_header_dispose (GObject *object)
{
  CloveRelayHeader *self = CLOVE_RELAY_HEADER (object);

  for (guint i = 0; i < N_TITLES; i++)
    g_clear_pointer (&self->titles[i], gtk_widget_unparent);

  G_OBJECT_CLASS (clove_relay_header_parent_class)->dispose (object);
}

static void
clove_relay_header_class_init (CloveRelayHeaderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_relay_header_dispose;
  widget_class->measure = clove_relay_header_measure;
  widget_class->size_allocate = clove_relay_header_size_allocate;
  widget_class->get_request_mode = clove_relay_header_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "relayheader");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ROW);
}

static void
update (CloveRelayHeader *self)
{
  for (guint i = 0; i < N_TITLES; i++) {
    gboolean is_sorted = i == self->column;
    GtkAccessibleSort sort = GTK_ACCESSIBLE_SORT_NONE;

    if (is_sorted)
      sort = self->is_reversed ? GTK_ACCESSIBLE_SORT_DESCENDING : GTK_ACCESSIBLE_SORT_ASCENDING;
    gtk_widget_set_visible (self->arrows[i], is_sorted);
    gtk_image_set_from_icon_name (GTK_IMAGE (self->arrows[i]), is_sorted && self->is_reversed
                                                                 ? "pan-down-symbolic"
                                                                 : "pan-up-symbolic");
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->titles[i]), GTK_ACCESSIBLE_PROPERTY_SORT,
                                    sort, -1);
  }
}

static void
clove_relay_header_init (CloveRelayHeader *self)
{
  add_title (self, CLOVE_RELAY_COLUMN_NAME, _ ("Relay"));
  add_title (self, CLOVE_RELAY_COLUMN_ROLES, _ ("Offers"));
  add_title (self, CLOVE_RELAY_COLUMN_HISTORY, _ ("History"));
  add_title (self, CLOVE_RELAY_COLUMN_RTT, _ ("Ping"));
  add_title (self, CLOVE_RELAY_COLUMN_STATE, _ ("State"));
  gtk_widget_set_tooltip_text (self->titles[CLOVE_RELAY_COLUMN_ROLES],
                               _ ("The places in a circuit that the relay takes"));
  gtk_widget_set_tooltip_text (self->titles[CLOVE_RELAY_COLUMN_HISTORY],
                               _ ("How its last uses went: high bars worked, low ones failed; "
                                  "the newest at the end"));
  gtk_widget_set_tooltip_text (self->titles[CLOVE_RELAY_COLUMN_RTT],
                               _ ("The time to the relay and back, through the relays before it"));
  update (self);
}

/** clove_relay_header_set_sort: Show by which column the list is sorted. */
void
clove_relay_header_set_sort (CloveRelayHeader *self, CloveRelayColumn column, gboolean is_reversed)
{
  if (self->column == column && self->is_reversed == is_reversed)
    return;
  self->column = column;
  self->is_reversed = is_reversed;
  update (self);
}
