/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-circuit-view.h"

#include "clove-circuit-path.h"
#include "clove-end-card.h"
#include "clove-width.h"

#include <glib/gi18n.h>

#define N_PATHS CLOVE_CIRCUIT_MAX_ROWS

/* Width of the places before and behind the relays, in lines of text. */
#define END_LINES 6

#define SPACING 10

struct _CloveCircuitView {
  CloveFoldingWidget parent_instance;

  /* Owned by GTK as children. */
  CloveEndCard *you;
  CloveCircuitPath *paths[N_PATHS]; /* by CloveCircuitRowKind */
  CloveEndCard *site;

  gint full; /* the path that is shown in full */
};

G_DEFINE_FINAL_TYPE (CloveCircuitView, clove_circuit_view, CLOVE_TYPE_FOLDING_WIDGET)

/* Where all lies at some width, as read from start to end. */
typedef struct {
  GtkAllocation you;
  GtkAllocation site;
  GtkAllocation paths[N_PATHS];
  gint height;
} Plan;

static gint
get_path_height (CloveCircuitView *self, gint path, gint width)
{
  return clove_width_get_height (GTK_WIDGET (self->paths[path]), width);
}

static gboolean
is_shown (CloveCircuitView *self, gint path)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->paths[path]));
}

/* Both ends stand beside all paths. */
static Plan
plan_wide (CloveCircuitView *self, gint width)
{
  gint end_width = END_LINES * clove_width_get_line (GTK_WIDGET (self));
  gint path_width = width - 2 * end_width;
  Plan plan = { 0 };

  for (gint i = 0; i < N_PATHS; i++) {
    if (!is_shown (self, i))
      continue;
    plan.height += plan.height > 0 ? SPACING : 0;
    plan.paths[i] = (GtkAllocation){ end_width, plan.height, path_width,
                                     get_path_height (self, i, path_width) };
    plan.height += plan.paths[i].height;
  }
  plan.you = (GtkAllocation){ 0, 0, end_width, plan.height };
  plan.site = (GtkAllocation){ width - end_width, 0, end_width, plan.height };
  return plan;
}

/* The path in full runs from end to end; the others lie below. */
static Plan
plan_narrow (CloveCircuitView *self, gint width)
{
  gint most = CLOVE_CIRCUIT_PATH_LINES * clove_width_get_line (GTK_WIDGET (self)) - 1;
  gint path_width = MIN (width, most);
  gint x = (width - path_width) / 2;
  gint end_height = clove_width_get_height (GTK_WIDGET (self->you), path_width);
  gint full_height = get_path_height (self, self->full, path_width);
  Plan plan = { 0 };

  plan.you = (GtkAllocation){ x, 0, path_width, end_height };
  plan.paths[self->full] = (GtkAllocation){ x, end_height, path_width, full_height };
  plan.site = (GtkAllocation){ x, end_height + full_height, path_width, end_height };
  plan.height = 2 * end_height + full_height;
  for (gint i = 0; i < N_PATHS; i++) {
    if (i == self->full || !is_shown (self, i))
      continue;
    plan.height += SPACING;
    plan.paths[i] =
      (GtkAllocation){ x, plan.height, path_width, get_path_height (self, i, path_width) };
    plan.height += plan.paths[i].height;
  }
  return plan;
}

static Plan
plan_at (CloveCircuitView *self, gint width)
{
  return clove_width_is_narrow (GTK_WIDGET (self), width) ? plan_narrow (self, width)
                                                          : plan_wide (self, width);
}

static void
clove_circuit_view_measure_width (CloveFoldingWidget *folding, gint *minimum, gint *natural)
{
  CloveCircuitView *self = CLOVE_CIRCUIT_VIEW (folding);

  for (gint i = 0; i < N_PATHS; i++) {
    gint path_minimum = 0;
    gint path_natural = 0;

    if (!is_shown (self, i))
      continue;
    gtk_widget_measure (GTK_WIDGET (self->paths[i]), GTK_ORIENTATION_HORIZONTAL, -1, &path_minimum,
                        &path_natural, NULL, NULL);
    *minimum = MAX (*minimum, path_minimum);
    *natural = MAX (*natural, path_natural);
  }
  *natural += 2 * END_LINES * clove_width_get_line (GTK_WIDGET (self));
}

static gint
clove_circuit_view_get_height (CloveFoldingWidget *self, gint width)
{
  return plan_at (CLOVE_CIRCUIT_VIEW (self), width).height;
}

static void
clove_circuit_view_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveCircuitView *self = CLOVE_CIRCUIT_VIEW (widget);
  Plan plan = plan_at (self, width);

  clove_width_place (widget, GTK_WIDGET (self->you), &plan.you);
  clove_width_place (widget, GTK_WIDGET (self->site), &plan.site);
  for (gint i = 0; i < N_PATHS; i++) {
    if (is_shown (self, i))
      clove_width_place (widget, GTK_WIDGET (self->paths[i]), &plan.paths[i]);
  }
}

static void
clove_circuit_view_class_init (CloveCircuitViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CloveFoldingWidgetClass *folding_class = CLOVE_FOLDING_WIDGET_CLASS (klass);

  folding_class->measure_width = clove_circuit_view_measure_width;
  folding_class->get_height = clove_circuit_view_get_height;
  widget_class->size_allocate = clove_circuit_view_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "circuit");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
clove_circuit_view_init (CloveCircuitView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->you = clove_end_card_new ("clove-you-symbolic", _ ("You"));
  gtk_widget_set_parent (GTK_WIDGET (self->you), widget);
  for (gint i = 0; i < N_PATHS; i++) {
    self->paths[i] = clove_circuit_path_new ();
    gtk_widget_set_visible (GTK_WIDGET (self->paths[i]), FALSE);
    gtk_widget_set_parent (GTK_WIDGET (self->paths[i]), widget);
  }
  self->site = clove_end_card_new ("clove-site-symbolic", _ ("TON site"));
  gtk_widget_set_parent (GTK_WIDGET (self->site), widget);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("The way from you to TON sites"), -1);
}

/** clove_circuit_view_show: Show the circuits of @snapshot. */
void
clove_circuit_view_show (CloveCircuitView *self, const CloveSnapshot *snapshot)
{
  CloveCircuitRow rows[CLOVE_CIRCUIT_MAX_ROWS] = { 0 };
  guint n_rows = clove_circuit_rows_fill (snapshot, rows);
  gboolean shown[N_PATHS] = { FALSE };

  for (guint i = 0; i < n_rows; i++) {
    shown[rows[i].kind] = TRUE;
    clove_circuit_path_show (self->paths[rows[i].kind], &rows[i], n_rows > 1);
    if (rows[i].is_full && self->full != (gint) rows[i].kind) {
      self->full = (gint) rows[i].kind;
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  }
  for (gint i = 0; i < N_PATHS; i++)
    gtk_widget_set_visible (GTK_WIDGET (self->paths[i]), shown[i]);
}
