/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-hop-card.h"

#include "clove-describe.h"
#include "clove-width.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* A card that is wider than so many lines of text is laid as a row. */
#define ROW_LINES 15

/* A small card that is narrower has no room for more than the name. */
#define WORDS_LINES 9

#define GAP 6

struct _CloveHopCard {
  CloveFoldingWidget parent_instance;

  /* Set at construction. */
  guint place;

  /* Template children. */
  GtkImage *role_icon;
  GtkLabel *role;
  GtkLabel *name;
  GtkLabel *address;
  GtkImage *look_icon;
  GtkLabel *look;

  /* What is shown now. */
  gboolean is_full;
  CloveHopLook shown_look;
};

G_DEFINE_FINAL_TYPE (CloveHopCard, clove_hop_card, CLOVE_TYPE_FOLDING_WIDGET)

typedef enum {
  FORM_LINE,
  FORM_CARD,
  FORM_ROW,
} Form;

static Form
form_at (CloveHopCard *self, gint width)
{
  if (!self->is_full)
    return FORM_LINE;
  return width >= ROW_LINES * clove_width_get_line (GTK_WIDGET (self)) ? FORM_ROW : FORM_CARD;
}

#define WIDTH_OF(child)  clove_width_get_natural (GTK_WIDGET (child))
#define HEIGHT_OF(child) clove_width_get_height (GTK_WIDGET (child), -1)

static gint
get_minimum_width (gpointer child)
{
  gint minimum = 0;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

static gint
get_height (CloveHopCard *self, Form form)
{
  gint name = HEIGHT_OF (self->name);
  gint role = MAX (HEIGHT_OF (self->role), HEIGHT_OF (self->role_icon));
  gint look = MAX (HEIGHT_OF (self->look), HEIGHT_OF (self->look_icon));
  gint address = HEIGHT_OF (self->address);

  switch (form) {
    case FORM_CARD:
      return role + GAP + name + address + GAP + look;
    case FORM_ROW:
      return MAX (name, look) + MAX (role, address);
    case FORM_LINE:
    default:
      return MAX (name, look);
  }
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_hop_card_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        gint for_size,
                        gint *minimum,
                        gint *natural,
                        gint *minimum_baseline,
                        gint *natural_baseline)
{
  CloveHopCard *self = CLOVE_HOP_CARD (widget);
  gint icons = WIDTH_OF (self->role_icon) + WIDTH_OF (self->look_icon) + 2 * GAP;

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = icons + get_minimum_width (self->name);
    *natural = MAX (*minimum, icons + WIDTH_OF (self->name) + GAP + WIDTH_OF (self->look));
  } else {
    *natural = get_height (self, form_at (self, for_size < 0 ? 0 : for_size));
    *minimum = *natural;
  }
}

/* Puts @child in the middle of the line that begins at @y; returns what it takes of the width. */
static gint
put (CloveHopCard *self, gpointer child, gint x, gint y, gint width, gint height)
{
  gint own_height = MIN (HEIGHT_OF (child), height);
  GtkAllocation area = { x, y + (height - own_height) / 2, MAX (width, 0), own_height };

  area.width = MAX (area.width, get_minimum_width (child));
  clove_width_place (GTK_WIDGET (self), child, &area);
  return area.width + GAP;
}

/* Role above, then name and address, and how it does at the foot. */
static void
lay_card (CloveHopCard *self, gint width)
{
  gint icon = WIDTH_OF (self->role_icon);
  gint role = MAX (HEIGHT_OF (self->role), HEIGHT_OF (self->role_icon));
  gint look = MAX (HEIGHT_OF (self->look), HEIGHT_OF (self->look_icon));
  gint name = HEIGHT_OF (self->name);
  gint address = HEIGHT_OF (self->address);
  gint x = put (self, self->role_icon, 0, 0, icon, role);
  gint y = role + GAP;

  put (self, self->role, x, 0, width - x, role);
  put (self, self->name, 0, y, width, name);
  put (self, self->address, 0, y + name, width, address);
  y += name + address + GAP;
  x = put (self, self->look_icon, 0, y, WIDTH_OF (self->look_icon), look);
  put (self, self->look, x, y, width - x, look);
}

/* Name above role at the start; how it does above the address at the end. */
static void
lay_row (CloveHopCard *self, gint width, gint height)
{
  gint start = put (self, self->role_icon, 0, 0, WIDTH_OF (self->role_icon), height) + GAP;
  gint look = WIDTH_OF (self->look);
  gint icon = WIDTH_OF (self->look_icon);
  gint address = MIN (WIDTH_OF (self->address), (width - start) * 2 / 3);
  gint look_height = MAX (HEIGHT_OF (self->look), HEIGHT_OF (self->look_icon));
  gint top = MAX (HEIGHT_OF (self->name), look_height);
  gint bottom = height - top;
  gint end = width - look - GAP - icon;

  put (self, self->name, start, 0, end - GAP - start, top);
  put (self, self->look_icon, end, 0, icon, top);
  put (self, self->look, width - look, 0, look, top);
  put (self, self->role, start, top, width - address - GAP - start, bottom);
  put (self, self->address, width - address, top, address, bottom);
}

/* Where the line is short the place tells the role, and the icon alone how it does. */
static void
lay_line (CloveHopCard *self, gint width, gint height)
{
  gint icon = WIDTH_OF (self->look_icon);
  gint look = WIDTH_OF (self->look);
  gboolean is_short = width < WORDS_LINES * clove_width_get_line (GTK_WIDGET (self));
  gint start = is_short ? 0 : WIDTH_OF (self->role_icon) + GAP;
  gint end = width - icon - (is_short ? 0 : GAP + look);

  gtk_widget_set_child_visible (GTK_WIDGET (self->role_icon), !is_short);
  gtk_widget_set_child_visible (GTK_WIDGET (self->look), !is_short);
  put (self, self->name, start, 0, end - GAP - start, height);
  put (self, self->look_icon, end, 0, icon, height);
  if (is_short)
    return;
  put (self, self->role_icon, 0, 0, start - GAP, height);
  put (self, self->look, width - look, 0, look, height);
}

static void
clove_hop_card_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveHopCard *self = CLOVE_HOP_CARD (widget);
  Form form = form_at (self, width);

  gtk_widget_set_child_visible (GTK_WIDGET (self->role), form != FORM_LINE);
  gtk_widget_set_child_visible (GTK_WIDGET (self->address), form != FORM_LINE);
  gtk_widget_set_child_visible (GTK_WIDGET (self->role_icon), TRUE);
  gtk_widget_set_child_visible (GTK_WIDGET (self->look), TRUE);
  if (form == FORM_ROW)
    lay_row (self, width, height);
  else if (form == FORM_CARD)
    lay_card (self, width);
  else
    lay_line (self, width, height);
}

static void
clove_hop_card_class_init (CloveHopCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = clove_hop_card_measure;
  widget_class->size_allocate = clove_hop_card_size_allocate;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-hop-card.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, role_icon);
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, role);
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, name);
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, address);
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, look_icon);
  gtk_widget_class_bind_template_child (widget_class, CloveHopCard, look);
  gtk_widget_class_set_css_name (widget_class, "hop");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
}

static void
clove_hop_card_init (CloveHopCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), clove_hop_look_style (CLOVE_HOP_WAITING));
}

/** clove_hop_card_new: (transfer floating): Make a card for a @place: 0 entry, 1 middle, 2 exit. */
CloveHopCard *
clove_hop_card_new (guint place)
{
  static const char *const icons[] = { "clove-entry-symbolic", "clove-middle-symbolic",
                                       "clove-exit-symbolic" };
  CloveHopCard *self = g_object_new (CLOVE_TYPE_HOP_CARD, NULL);

  g_return_val_if_fail (place < G_N_ELEMENTS (icons), self);
  self->place = place;
  gtk_image_set_from_icon_name (self->role_icon, icons[place]);
  gtk_label_set_label (self->role, clove_describe_role (place));
  return self;
}

static void
show_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

static void
show_look (CloveHopCard *self, CloveHopLook look)
{
  gboolean is_moving = look == CLOVE_HOP_EXTENDING && adw_get_enable_animations (GTK_WIDGET (self));

  if (look != self->shown_look) {
    gtk_widget_remove_css_class (GTK_WIDGET (self), clove_hop_look_style (self->shown_look));
    gtk_widget_add_css_class (GTK_WIDGET (self), clove_hop_look_style (look));
    self->shown_look = look;
  }
  if (is_moving)
    gtk_widget_add_css_class (GTK_WIDGET (self), "moving");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "moving");
  if (g_strcmp0 (gtk_image_get_icon_name (self->look_icon), clove_hop_look_icon (look)) != 0)
    gtk_image_set_from_icon_name (self->look_icon, clove_hop_look_icon (look));
}

/** clove_hop_card_show: Show the relay of @row that is in this place. */
void
clove_hop_card_show (CloveHopCard *self, const CloveCircuitRow *row)
{
  const CloveSnapshotHop *hop = row->circuit != NULL ? &row->circuit->hops[self->place] : NULL;
  CloveHopLook look = row->looks[self->place];
  gboolean has_rtt = hop != NULL && look == CLOVE_HOP_READY && hop->rtt_us > 0;
  g_autofree char *words = has_rtt ? clove_describe_rtt (hop->rtt_us)
                                   : g_strdup (clove_describe_hop_look (look));
  g_autofree char *sentence = clove_describe_hop (row, self->place);

  show_text (self->name, hop != NULL ? hop->name : "–");
  show_text (self->address, hop != NULL ? hop->address : "");
  show_text (self->look, words);
  show_look (self, look);
  if (self->is_full != row->is_full) {
    self->is_full = row->is_full;
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  if (g_strcmp0 (gtk_widget_get_tooltip_text (GTK_WIDGET (self)), sentence) != 0) {
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), sentence);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence,
                                    -1);
  }
}
