/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-wrap-layout.h"

struct _CloveWrapLayout {
  GtkLayoutManager parent_instance;

  guint spacing;
};

G_DEFINE_FINAL_TYPE (CloveWrapLayout, clove_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

enum {
  PROP_0,
  PROP_SPACING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static GtkWidget *
find_shown (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static GtkWidget *
first (GtkWidget *widget)
{
  return find_shown (gtk_widget_get_first_child (widget));
}

static GtkWidget *
next (GtkWidget *child)
{
  return find_shown (gtk_widget_get_next_sibling (child));
}

static gint
count (GtkWidget *widget)
{
  gint n_children = 0;

  for (GtkWidget *child = first (widget); child != NULL; child = next (child))
    n_children++;
  return n_children;
}

/* What the largest child needs. */
static gint
get_largest (GtkWidget *widget, GtkOrientation orientation, gint for_size, gboolean is_minimum)
{
  gint largest = 0;

  for (GtkWidget *child = first (widget); child != NULL; child = next (child)) {
    gint minimum = 0;
    gint natural = 0;

    gtk_widget_measure (child, orientation, for_size, &minimum, &natural, NULL, NULL);
    largest = MAX (largest, is_minimum ? minimum : natural);
  }
  return largest;
}

static gint
count_lines (gint n_children, gint n_columns)
{
  return (n_children + n_columns - 1) / MAX (n_columns, 1);
}

static gint
count_columns (CloveWrapLayout *self, GtkWidget *widget, gint width)
{
  gint spacing = (gint) self->spacing;
  gint n_children = count (widget);
  gint child_width = get_largest (widget, GTK_ORIENTATION_HORIZONTAL, -1, FALSE);
  gint n_fitting = CLAMP ((width + spacing) / MAX (child_width + spacing, 1), 1, n_children);

  return count_lines (n_children, count_lines (n_children, n_fitting));
}

static gint
get_column_width (CloveWrapLayout *self, gint width, gint n_columns)
{
  return MAX ((width - (n_columns - 1) * (gint) self->spacing) / MAX (n_columns, 1), 0);
}

static GtkSizeRequestMode
clove_wrap_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_wrap_layout_measure (GtkLayoutManager *manager,
                           GtkWidget *widget,
                           GtkOrientation orientation,
                           gint for_size,
                           gint *minimum,
                           gint *natural,
                           gint *minimum_baseline,
                           gint *natural_baseline)
{
  CloveWrapLayout *self = CLOVE_WRAP_LAYOUT (manager);
  gint n_children = count (widget);
  gint n_columns = n_children;
  gint width = -1;
  gint n_lines = 1;

  if (n_children == 0)
    return;
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = get_largest (widget, orientation, -1, TRUE);
    *natural = get_largest (widget, orientation, -1, FALSE) * n_children +
               (n_children - 1) * (gint) self->spacing;
    return;
  }
  if (for_size >= 0) {
    n_columns = count_columns (self, widget, for_size);
    width = get_column_width (self, for_size, n_columns);
  }
  n_lines = count_lines (n_children, n_columns);
  *minimum = get_largest (widget, orientation, width, FALSE) * n_lines +
             (n_lines - 1) * (gint) self->spacing;
  *natural = *minimum;
}

static void
clove_wrap_layout_allocate (GtkLayoutManager *manager,
                            GtkWidget *widget,
                            gint width,
                            gint height,
                            gint baseline)
{
  CloveWrapLayout *self = CLOVE_WRAP_LAYOUT (manager);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  gint n_columns = count (widget) > 0 ? count_columns (self, widget, width) : 1;
  gint column_width = get_column_width (self, width, n_columns);
  gint line_height = get_largest (widget, GTK_ORIENTATION_VERTICAL, column_width, FALSE);
  gint index = 0;

  for (GtkWidget *child = first (widget); child != NULL; child = next (child), index++) {
    /* What is left over by rounding goes between the columns, not to the end. */
    gint column_x = index % n_columns * (width + (gint) self->spacing) / n_columns;
    GtkAllocation place = { .x = column_x,
                            .y = index / n_columns * (line_height + (gint) self->spacing),
                            .width = column_width,
                            .height = line_height };

    if (is_rtl)
      place.x = width - place.x - column_width;
    gtk_widget_size_allocate (child, &place, -1);
  }
}

static void
clove_wrap_layout_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SPACING)
    g_value_set_uint (value, CLOVE_WRAP_LAYOUT (object)->spacing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
clove_wrap_layout_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id != PROP_SPACING) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  CLOVE_WRAP_LAYOUT (object)->spacing = g_value_get_uint (value);
  gtk_layout_manager_layout_changed (GTK_LAYOUT_MANAGER (object));
}

static void
clove_wrap_layout_class_init (CloveWrapLayoutClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  object_class->get_property = clove_wrap_layout_get_property;
  object_class->set_property = clove_wrap_layout_set_property;
  layout_class->get_request_mode = clove_wrap_layout_get_request_mode;
  layout_class->measure = clove_wrap_layout_measure;
  layout_class->allocate = clove_wrap_layout_allocate;
  properties[PROP_SPACING] =
    g_param_spec_uint ("spacing", NULL, NULL, 0, 64, 6, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
clove_wrap_layout_init (CloveWrapLayout *self)
{
  self->spacing = 6;
}
