/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-row.h"

#include "clove-describe-relay.h"
#include "clove-relay-columns.h"
#include "clove-sparkline.h"

#include <glib/gi18n.h>

#define LINE_GAP    2
#define PADDING     9
#define SMALL_GAP   6
#define ICON_SIZE   16
#define MIN_WIDTH   240
/* Of the first of two lines, the most that the state gets. */
#define STATE_SHARE 0.65
/* With less room for text than this, the state has a line of its own. */
#define LINE_CHARS  26

struct _CloveRelayRow {
  GtkWidget parent_instance;

  /* Template children. */
  GtkWidget *name;
  GtkWidget *address;
  GtkWidget *roles;
  GtkWidget *history;
  GtkWidget *rtt;
  GtkWidget *icon;
  GtkWidget *state;
  GtkWidget *detail;
  GtkWidget *menu;

  /* Owned; NULL while the row shows none. */
  CloveRelayItem *item;
  gulong on_item_notify;

  const char *style; /* class of icon and state; NULL for none */
};

G_DEFINE_FINAL_TYPE (CloveRelayRow, clove_relay_row, GTK_TYPE_WIDGET)

enum {
  SIGNAL_MENU_REQUESTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* What comes of measuring a child. */
static gint
get_size (GtkWidget *child, GtkOrientation orientation)
{
  gint natural = 0;

  gtk_widget_measure (child, orientation, -1, NULL, &natural, NULL, NULL);
  return natural;
}

static gint
get_height (GtkWidget *child)
{
  return get_size (child, GTK_ORIENTATION_VERTICAL);
}

/* Where the text ends in a row without columns. */
static gint
get_text_end (const CloveRelayColumns *columns, gint width)
{
  return width - columns->width[CLOVE_RELAY_COLUMN_MENU] - 2 * SMALL_GAP;
}

/* Large text on a small screen. */
static gboolean
is_stacked (const CloveRelayColumns *columns, gint width)
{
  return !columns->is_wide && get_text_end (columns, width) - CLOVE_RELAY_COLUMNS_PADDING <
                                LINE_CHARS * columns->char_width;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_relay_row_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         gint for_size,
                         gint *minimum,
                         gint *natural,
                         gint *minimum_baseline,
                         gint *natural_baseline)
{
  CloveRelayRow *self = CLOVE_RELAY_ROW (widget);
  CloveRelayColumns columns = { 0 };

  clove_relay_columns_init (&columns, widget, MAX (for_size, 0));
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = MIN_WIDTH;
    *natural = columns.min_width;
    return;
  }
  /* All rows of a width are as high as each other, whatever they say. */
  *minimum = get_height (self->name) + LINE_GAP + get_height (self->address) + 2 * PADDING;
  if (for_size >= 0 && is_stacked (&columns, for_size))
    *minimum += get_height (self->state) + LINE_GAP;
  *natural = *minimum;
}

/* In the middle of the row's height. */
static void
place_middle (CloveRelayRow *self, GtkWidget *child, gint x, gint width)
{
  gint height = get_height (child);
  gint full = gtk_widget_get_height (GTK_WIDGET (self));

  clove_relay_place_child (GTK_WIDGET (self), child,
                           &(GdkRectangle){ x, (full - height) / 2, width, height });
}

static void
place_lines (CloveRelayRow *self, GtkWidget *first, GtkWidget *second, gint x, gint width)
{
  gint first_height = get_height (first);
  gint second_height = get_height (second);
  gint full = gtk_widget_get_height (GTK_WIDGET (self));
  gint y = (full - first_height - LINE_GAP - second_height) / 2;

  clove_relay_place_child (GTK_WIDGET (self), first, &(GdkRectangle){ x, y, width, first_height });
  clove_relay_place_child (
    GTK_WIDGET (self), second,
    &(GdkRectangle){ x, y + first_height + LINE_GAP, width, second_height });
}

static gboolean
has_detail (CloveRelayRow *self)
{
  return gtk_label_get_label (GTK_LABEL (self->detail))[0] != '\0';
}

static void
place_icon (CloveRelayRow *self, gint x, gint line_y, gint line_height)
{
  clove_relay_place_child (
    GTK_WIDGET (self), self->icon,
    &(GdkRectangle){ x, line_y + (line_height - ICON_SIZE) / 2, ICON_SIZE, ICON_SIZE });
}

static void
allocate_wide (CloveRelayRow *self, const CloveRelayColumns *columns)
{
  gint x = columns->x[CLOVE_RELAY_COLUMN_STATE];
  gint text_x = x + ICON_SIZE + SMALL_GAP;
  gint text_width = columns->width[CLOVE_RELAY_COLUMN_STATE] - ICON_SIZE - SMALL_GAP;
  gint full = gtk_widget_get_height (GTK_WIDGET (self));
  gint state_height = get_height (self->state);
  gint line_y = (full - state_height) / 2;

  place_lines (self, self->name, self->address, columns->x[CLOVE_RELAY_COLUMN_NAME],
               columns->width[CLOVE_RELAY_COLUMN_NAME]);
  place_middle (self, self->roles, columns->x[CLOVE_RELAY_COLUMN_ROLES],
                columns->width[CLOVE_RELAY_COLUMN_ROLES]);
  place_middle (self, self->history, columns->x[CLOVE_RELAY_COLUMN_HISTORY],
                columns->width[CLOVE_RELAY_COLUMN_HISTORY]);
  place_middle (self, self->rtt, columns->x[CLOVE_RELAY_COLUMN_RTT],
                columns->width[CLOVE_RELAY_COLUMN_RTT]);
  place_middle (self, self->menu, columns->x[CLOVE_RELAY_COLUMN_MENU],
                columns->width[CLOVE_RELAY_COLUMN_MENU]);
  if (has_detail (self)) {
    place_lines (self, self->state, self->detail, text_x, text_width);
    line_y = (full - state_height - LINE_GAP - get_height (self->detail)) / 2;
  } else {
    place_middle (self, self->state, text_x, text_width);
    clove_relay_place_child (GTK_WIDGET (self), self->detail, &(GdkRectangle){ 0 });
  }
  place_icon (self, x, line_y, state_height);
}

/* Name and state. */
static void
allocate_first_line (CloveRelayRow *self, gint end, gint y)
{
  gint start = CLOVE_RELAY_COLUMNS_PADDING;
  gint height = get_height (self->name);
  gint most = (gint) ((gdouble) (end - start) * STATE_SHARE);
  gint state = MIN (get_size (self->state, GTK_ORIENTATION_HORIZONTAL), most);
  gint state_x = end - state;
  gint icon_x = state_x - SMALL_GAP - ICON_SIZE;

  clove_relay_place_child (GTK_WIDGET (self), self->state,
                           &(GdkRectangle){ state_x, y, state, height });
  place_icon (self, icon_x, y, height);
  clove_relay_place_child (GTK_WIDGET (self), self->name,
                           &(GdkRectangle){ start, y, icon_x - SMALL_GAP - start, height });
}

/* Address, history and round trip; or why the relay is in this state, which says more. */
static void
allocate_second_line (CloveRelayRow *self, const CloveRelayColumns *columns, gint end, gint y)
{
  GtkWidget *text = has_detail (self) ? self->detail : self->address;
  GtkWidget *other = has_detail (self) ? self->address : self->detail;
  gint start = CLOVE_RELAY_COLUMNS_PADDING;
  gint height = get_height (self->address);
  gint rtt = columns->width[CLOVE_RELAY_COLUMN_RTT];
  gint history = columns->width[CLOVE_RELAY_COLUMN_HISTORY];
  gint history_height = get_height (self->history);
  gint history_y = y + (height - history_height) / 2;

  if (has_detail (self))
    rtt = 0;
  if (has_detail (self) || end - start - rtt - history < 8 * columns->char_width)
    history = 0;
  clove_relay_place_child (GTK_WIDGET (self), self->rtt,
                           &(GdkRectangle){ end - rtt, y, rtt, height });
  end -= rtt > 0 ? rtt + SMALL_GAP : 0;
  clove_relay_place_child (
    GTK_WIDGET (self), self->history,
    &(GdkRectangle){ end - history, history_y, history, history_height });
  end -= history > 0 ? history + SMALL_GAP : 0;
  clove_relay_place_child (GTK_WIDGET (self), other, &(GdkRectangle){ 0 });
  clove_relay_place_child (GTK_WIDGET (self), text,
                           &(GdkRectangle){ start, y, end - start, height });
}

/* Name, and under it the state; returns where the last line begins. */
static gint
allocate_stacked (CloveRelayRow *self, gint end)
{
  gint start = CLOVE_RELAY_COLUMNS_PADDING;
  gint text_start = start + ICON_SIZE + SMALL_GAP;
  gint name_height = get_height (self->name);
  gint state_height = get_height (self->state);
  gint state_y = PADDING + name_height + LINE_GAP;

  clove_relay_place_child (GTK_WIDGET (self), self->name,
                           &(GdkRectangle){ start, PADDING, end - start, name_height });
  place_icon (self, start, state_y, state_height);
  clove_relay_place_child (
    GTK_WIDGET (self), self->state,
    &(GdkRectangle){ text_start, state_y, end - text_start, state_height });
  return state_y + state_height + LINE_GAP;
}

static void
allocate_narrow (CloveRelayRow *self, const CloveRelayColumns *columns, gint width)
{
  gint menu = columns->width[CLOVE_RELAY_COLUMN_MENU];
  gint end = get_text_end (columns, width);
  gint full = gtk_widget_get_height (GTK_WIDGET (self));
  gint name_height = get_height (self->name);
  gint y = (full - name_height - LINE_GAP - get_height (self->address)) / 2;

  place_middle (self, self->menu, end + SMALL_GAP, menu);
  if (is_stacked (columns, width)) {
    allocate_second_line (self, columns, end, allocate_stacked (self, end));
  } else {
    allocate_first_line (self, end, y);
    allocate_second_line (self, columns, end, y + name_height + LINE_GAP);
  }
  clove_relay_place_child (GTK_WIDGET (self), self->roles, &(GdkRectangle){ 0 });
}

static void
clove_relay_row_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveRelayRow *self = CLOVE_RELAY_ROW (widget);
  CloveRelayColumns columns = { 0 };

  clove_relay_columns_init (&columns, widget, width);
  if (columns.is_wide)
    allocate_wide (self, &columns);
  else
    allocate_narrow (self, &columns, width);
}

static GtkSizeRequestMode
clove_relay_row_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
set_text (GtkWidget *label, const char *text)
{
  if (!g_str_equal (gtk_label_get_label (GTK_LABEL (label)), text))
    gtk_label_set_label (GTK_LABEL (label), text);
}

static void
set_tooltip (GtkWidget *widget, const char *text)
{
  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) != 0)
    gtk_widget_set_tooltip_text (widget, text);
}

static void
update_relay (CloveRelayRow *self)
{
  const char *address = clove_relay_item_get_address (self->item);
  g_autofree char *roles = clove_describe_relay_roles (clove_relay_item_get_roles (self->item));

  set_text (self->name, clove_relay_item_get_name (self->item));
  set_text (self->address, address);
  set_text (self->roles, roles);
}

static void
update_style (CloveRelayRow *self)
{
  const char *style = clove_tone_style (clove_describe_relay_tone (self->item));

  if (self->style == style)
    return;
  if (self->style != NULL) {
    gtk_widget_remove_css_class (self->icon, self->style);
    gtk_widget_remove_css_class (self->state, self->style);
  }
  self->style = style;
  gtk_widget_add_css_class (self->icon, style);
  gtk_widget_add_css_class (self->state, style);
}

static void
update_countdown (CloveRelayRow *self)
{
  g_autofree char *state = clove_describe_relay_state (self->item);

  set_text (self->state, state);
}

static void
update_state (CloveRelayRow *self)
{
  g_autofree char *detail = clove_describe_relay_detail (self->item);
  const char *icon = clove_describe_relay_icon (self->item);
  const char *reason = clove_relay_item_get_reason (self->item);
  g_autofree char *words = clove_describe_detail (reason);

  update_countdown (self);
  set_text (self->detail, detail);
  set_tooltip (self->state, reason != NULL ? words : NULL);
  set_tooltip (self->detail, reason != NULL ? words : NULL);
  if (g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (self->icon)), icon) != 0)
    gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), icon);
  update_style (self);
}

static void
update_history (CloveRelayRow *self)
{
  clove_sparkline_set_history (CLOVE_SPARKLINE (self->history),
                               clove_relay_item_get_history (self->item));
}

static void
update_rtt (CloveRelayRow *self)
{
  g_autofree char *rtt = clove_describe_rtt (clove_relay_item_get_rtt_us (self->item));

  set_text (self->rtt, rtt);
}

/* The item of the list has the focus, so that is what a screen reader reads. */
static void
update_label (CloveRelayRow *self)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *label = clove_describe_relay (self->item);
  g_autofree char *menu = NULL;

  /* Translators: %s is the name of a relay */
  menu = g_strdup_printf (_ ("Actions for \u2068%s\u2069"),
                          clove_relay_item_get_name (self->item));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu), GTK_ACCESSIBLE_PROPERTY_LABEL, menu,
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  if (parent != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
}

static void
update_all (CloveRelayRow *self)
{
  update_relay (self);
  update_state (self);
  update_history (self);
  update_rtt (self);
  update_label (self);
}

static void
on_item_notify (GObject *item, GParamSpec *pspec, gpointer user_data)
{
  static const struct {
    const char *property;
    void (*update) (CloveRelayRow *self);
  } updates[] = {
    { "relay", update_relay },
    { "status", update_state },
    { "left-s", update_countdown },
    { "history", update_history },
    { "rtt-us", update_rtt },
  };
  CloveRelayRow *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (updates); i++) {
    if (g_str_equal (updates[i].property, pspec->name))
      updates[i].update (self);
  }
  /* A reader that says each second of a countdown would not stop talking. */
  if (!g_str_equal (pspec->name, "left-s"))
    update_label (self);
}

static void
on_menu_clicked (GtkButton *button, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_MENU_REQUESTED], 0);
}

static void
clove_relay_row_dispose (GObject *object)
{
  clove_relay_row_set_item (CLOVE_RELAY_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_RELAY_ROW);

  G_OBJECT_CLASS (clove_relay_row_parent_class)->dispose (object);
}

static void
clove_relay_row_class_init (CloveRelayRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_relay_row_dispose;
  widget_class->measure = clove_relay_row_measure;
  widget_class->size_allocate = clove_relay_row_size_allocate;
  widget_class->get_request_mode = clove_relay_row_get_request_mode;

  signals[SIGNAL_MENU_REQUESTED] =
    g_signal_new ("menu-requested", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);

  g_type_ensure (CLOVE_TYPE_SPARKLINE);
  gtk_widget_class_set_css_name (widget_class, "relayrow");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-relay-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, name);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, address);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, roles);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, history);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, rtt);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, icon);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, state);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, detail);
  gtk_widget_class_bind_template_child (widget_class, CloveRelayRow, menu);
  gtk_widget_class_bind_template_callback (widget_class, on_menu_clicked);
}

static void
clove_relay_row_init (CloveRelayRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** clove_relay_row_new: Make a row that shows no relay yet; GTK owns it. */
GtkWidget *
clove_relay_row_new (void)
{
  return g_object_new (CLOVE_TYPE_RELAY_ROW, NULL);
}

/** clove_relay_row_set_item: Show @item (nullable) from now on. */
void
clove_relay_row_set_item (CloveRelayRow *self, CloveRelayItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_clear_signal_handler (&self->on_item_notify, self->item);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  self->on_item_notify = g_signal_connect (item, "notify", G_CALLBACK (on_item_notify), self);
  update_all (self);
}

/** clove_relay_row_get_item: (transfer none) (nullable): Get what it shows. */
CloveRelayItem *
clove_relay_row_get_item (CloveRelayRow *self)
{
  return self->item;
}

/** clove_relay_row_get_menu_button: (transfer none): Get where its menu belongs. */
GtkWidget *
clove_relay_row_get_menu_button (CloveRelayRow *self)
{
  return self->menu;
}
