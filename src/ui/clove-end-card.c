/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-end-card.h"

#include "clove-width.h"

/* From so many lines of text on, the name is beside the icon. */
#define ROW_LINES 8

#define GAP 6

struct _CloveEndCard {
  CloveFoldingWidget parent_instance;

  /* Owned by GTK as children. */
  GtkWidget *icon;
  GtkWidget *name;
};

G_DEFINE_FINAL_TYPE (CloveEndCard, clove_end_card, CLOVE_TYPE_FOLDING_WIDGET)

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_end_card_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        gint for_size,
                        gint *minimum,
                        gint *natural,
                        gint *minimum_baseline,
                        gint *natural_baseline)
{
  CloveEndCard *self = CLOVE_END_CARD (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = clove_width_get_natural (self->icon);
    *natural = MAX (*minimum, clove_width_get_natural (self->name));
  } else {
    gint icon = clove_width_get_height (self->icon, -1);
    gint name = clove_width_get_height (self->name, -1);

    *minimum = for_size >= ROW_LINES * clove_width_get_line (widget) ? MAX (icon, name)
                                                                     : icon + GAP + name;
    *natural = *minimum;
  }
}

static void
clove_end_card_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveEndCard *self = CLOVE_END_CARD (widget);
  gint icon_width = clove_width_get_natural (self->icon);
  gint icon_height = clove_width_get_height (self->icon, -1);
  gint name_height = clove_width_get_height (self->name, -1);
  gint name_width = MIN (clove_width_get_natural (self->name), width);
  gint top = (height - icon_height - GAP - name_height) / 2;
  GtkAllocation icon = { (width - icon_width) / 2, top, icon_width, icon_height };
  GtkAllocation name = { (width - name_width) / 2, top + icon_height + GAP, name_width,
                         name_height };

  if (width >= ROW_LINES * clove_width_get_line (widget)) {
    icon = (GtkAllocation){ 0, (height - icon_height) / 2, icon_width, icon_height };
    name = (GtkAllocation){ icon_width + 2 * GAP, (height - name_height) / 2, name_width,
                            name_height };
  }
  clove_width_place (widget, self->icon, &icon);
  clove_width_place (widget, self->name, &name);
}

static void
clove_end_card_class_init (CloveEndCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = clove_end_card_measure;
  widget_class->size_allocate = clove_end_card_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "end");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
clove_end_card_init (CloveEndCard *self)
{
}

/** clove_end_card_new: (transfer floating): Make one with an icon and a name. */
CloveEndCard *
clove_end_card_new (const char *icon_name, const char *name)
{
  CloveEndCard *self = g_object_new (CLOVE_TYPE_END_CARD, NULL);

  self->icon = g_object_new (GTK_TYPE_IMAGE, "icon-name", icon_name, "accessible-role",
                             GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  self->name = g_object_new (GTK_TYPE_LABEL, "label", name, "ellipsize", PANGO_ELLIPSIZE_END, NULL);
  gtk_widget_set_parent (self->icon, GTK_WIDGET (self));
  gtk_widget_set_parent (self->name, GTK_WIDGET (self));
  return self;
}
