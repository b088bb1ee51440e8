/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-wrap-row.h"

#include "clove-width.h"

#define DEFAULT_SPACING 12
#define MAX_SPACING     64

struct _CloveWrapRow {
  CloveFoldingWidget parent_instance;

  /* Set at construction. */
  gboolean is_even;
  gboolean hides_second;
  gint spacing;
};

G_DEFINE_FINAL_TYPE (CloveWrapRow, clove_wrap_row, CLOVE_TYPE_FOLDING_WIDGET)

enum {
  PROP_0,
  PROP_IS_EVEN,
  PROP_HIDES_SECOND,
  PROP_SPACING,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* How the two lie at some width. */
typedef struct {
  GtkWidget *first;
  GtkWidget *second; /* NULL if it is not to be seen */
  gboolean is_folded;
  gint first_width;
  gint second_width;
} Plan;

static Plan
plan_at (CloveWrapRow *self, gint width)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self));
  GtkWidget *second = gtk_widget_get_last_child (GTK_WIDGET (self));
  gboolean is_narrow = clove_width_is_narrow (GTK_WIDGET (self), width);
  Plan plan = { .first = first, .first_width = width, .second_width = width };
  gint room = width - self->spacing;

  if (!gtk_widget_get_visible (second) || (self->hides_second && is_narrow))
    return plan;
  plan.second = second;
  plan.is_folded = self->is_even || self->hides_second
                     ? is_narrow
                     : clove_width_get_natural (first) + clove_width_get_natural (second) > room;
  if (plan.is_folded)
    return plan;
  plan.second_width = self->is_even ? room / 2 : clove_width_get_natural (second);
  plan.first_width = room - plan.second_width;
  return plan;
}

static void
clove_wrap_row_measure_width (CloveFoldingWidget *folding, gint *minimum, gint *natural)
{
  CloveWrapRow *self = CLOVE_WRAP_ROW (folding);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    gint child_minimum = 0;
    gint child_natural = 0;

    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural,
                        NULL, NULL);
    *minimum = MAX (*minimum, child_minimum);
    *natural += child_natural + (*natural > 0 ? self->spacing : 0);
  }
}

static gint
clove_wrap_row_get_height (CloveFoldingWidget *folding, gint width)
{
  CloveWrapRow *self = CLOVE_WRAP_ROW (folding);
  Plan plan = plan_at (self, width);
  gint first_height = clove_width_get_height (plan.first, plan.first_width);
  gint second_height = 0;

  if (plan.second != NULL)
    second_height = clove_width_get_height (plan.second, plan.second_width);
  return plan.is_folded ? first_height + self->spacing + second_height
                        : MAX (first_height, second_height);
}

static void
clove_wrap_row_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveWrapRow *self = CLOVE_WRAP_ROW (widget);
  Plan plan = plan_at (self, width);
  GtkWidget *second = gtk_widget_get_last_child (widget);
  gint first_height = height;
  GtkAllocation area = { 0, 0, plan.first_width, 0 };

  if (plan.is_folded)
    first_height = clove_width_get_height (plan.first, plan.first_width);
  area.height = first_height;
  clove_width_place (widget, plan.first, &area);
  gtk_widget_set_child_visible (second, plan.second != NULL);
  if (plan.second == NULL)
    return;
  area.x = plan.is_folded ? 0 : width - plan.second_width;
  area.y = plan.is_folded ? first_height + self->spacing : 0;
  area.width = plan.second_width;
  area.height = height - area.y;
  clove_width_place (widget, plan.second, &area);
}

static void
clove_wrap_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CloveWrapRow *self = CLOVE_WRAP_ROW (object);

  switch (prop_id) {
    case PROP_IS_EVEN:
      g_value_set_boolean (value, self->is_even);
      break;
    case PROP_HIDES_SECOND:
      g_value_set_boolean (value, self->hides_second);
      break;
    case PROP_SPACING:
      g_value_set_int (value, self->spacing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
clove_wrap_row_set_property (GObject *object,
                             guint prop_id,
                             const GValue *value,
                             GParamSpec *pspec)
{
  CloveWrapRow *self = CLOVE_WRAP_ROW (object);

  switch (prop_id) {
    case PROP_IS_EVEN:
      self->is_even = g_value_get_boolean (value);
      break;
    case PROP_HIDES_SECOND:
      self->hides_second = g_value_get_boolean (value);
      break;
    case PROP_SPACING:
      self->spacing = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
clove_wrap_row_class_init (CloveWrapRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CloveFoldingWidgetClass *folding_class = CLOVE_FOLDING_WIDGET_CLASS (klass);

  object_class->get_property = clove_wrap_row_get_property;
  object_class->set_property = clove_wrap_row_set_property;
  folding_class->measure_width = clove_wrap_row_measure_width;
  folding_class->get_height = clove_wrap_row_get_height;
  widget_class->size_allocate = clove_wrap_row_size_allocate;

  properties[PROP_IS_EVEN] =
    g_param_spec_boolean ("is-even", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_HIDES_SECOND] =
    g_param_spec_boolean ("hides-second", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SPACING] =
    g_param_spec_int ("spacing", NULL, NULL, 0, MAX_SPACING, DEFAULT_SPACING,
                      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
clove_wrap_row_init (CloveWrapRow *self)
{
}
