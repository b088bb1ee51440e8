/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-circuit-path.h"

#include "clove-hop-card.h"
#include "clove-link.h"
#include "clove-width.h"

#include <adwaita.h>

#define N_HOPS  CLOVE_SNAPSHOT_MAX_HOPS
#define N_LINKS (N_HOPS + 1)

/* Pixels between places, where links are drawn. */
#define GAP         24
#define SMALL_GAP   14
#define UPRIGHT_GAP 14

/* Between the caption and the relays below it. */
#define CAPTION_GAP 4

/* A link keeps so far away from what it joins. */
#define LINK_MARGIN 4

/* An upright path runs through the middle of the icons of its relays. */
#define RAIL_X 20

/* How long a dash takes to reach the place of the next one. */
#define PERIOD_US (G_TIME_SPAN_SECOND * 6 / 10)

struct _CloveCircuitPath {
  CloveFoldingWidget parent_instance;

  /* Owned by GTK as children. */
  GtkLabel *caption;
  CloveHopCard *hops[N_HOPS];

  /* What is shown now. */
  CloveHopLook looks[N_HOPS];
  gboolean is_active;
  gboolean is_full;

  guint tick; /* 0 while nothing moves */
  gdouble phase;
};

G_DEFINE_FINAL_TYPE (CloveCircuitPath, clove_circuit_path, CLOVE_TYPE_FOLDING_WIDGET)

/* Where all lies at some width, as read from start to end. */
typedef struct {
  GtkAllocation caption;
  GtkAllocation hops[N_HOPS];
  gint height;
  gboolean is_upright;
  gboolean has_ends; /* links lead to the places before and behind */
} Plan;

static gint
get_hop_height (CloveCircuitPath *self, gint width)
{
  gint height = 0;

  for (guint i = 0; i < N_HOPS; i++)
    height = MAX (height, clove_width_get_height (GTK_WIDGET (self->hops[i]), width));
  return height;
}

static void
plan_upright (CloveCircuitPath *self, gint width, gint caption_height, Plan *plan)
{
  gint hop_height = get_hop_height (self, width);
  gint y = MAX (caption_height, UPRIGHT_GAP);

  plan->caption = (GtkAllocation){ 2 * RAIL_X, 0, width - 2 * RAIL_X, caption_height };
  for (guint i = 0; i < N_HOPS; i++) {
    plan->hops[i] = (GtkAllocation){ 0, y, width, hop_height };
    y += hop_height + UPRIGHT_GAP;
  }
  plan->height = y;
}

static void
plan_flat (CloveCircuitPath *self, gint width, gint caption_height, gint gap, Plan *plan)
{
  gint margin = plan->has_ends ? gap : 0;
  gint hop_width = (width - 2 * margin - (N_HOPS - 1) * gap) / N_HOPS;
  gint hop_height = get_hop_height (self, hop_width);

  plan->caption = (GtkAllocation){ margin, 0, width - 2 * margin, caption_height };
  for (guint i = 0; i < N_HOPS; i++)
    plan->hops[i] = (GtkAllocation){ margin + (gint) i * (hop_width + gap), caption_height,
                                     hop_width, hop_height };
  plan->height = caption_height + hop_height;
}

static Plan
plan_at (CloveCircuitPath *self, gint width)
{
  gint line = clove_width_get_line (GTK_WIDGET (self));
  gboolean is_narrow = width < CLOVE_CIRCUIT_PATH_LINES * line;
  gboolean has_caption = gtk_widget_get_visible (GTK_WIDGET (self->caption));
  gint caption_height = 0;
  Plan plan = { .is_upright = is_narrow && self->is_full };

  if (has_caption)
    caption_height = clove_width_get_height (GTK_WIDGET (self->caption), -1) + CAPTION_GAP;
  plan.has_ends = !is_narrow || self->is_full;
  if (plan.is_upright)
    plan_upright (self, width, caption_height, &plan);
  else
    plan_flat (self, width, caption_height, is_narrow ? SMALL_GAP : GAP, &plan);
  return plan;
}

static void
clove_circuit_path_measure_width (CloveFoldingWidget *folding, gint *minimum, gint *natural)
{
  CloveCircuitPath *self = CLOVE_CIRCUIT_PATH (folding);

  for (guint i = 0; i < N_HOPS; i++) {
    gint hop_minimum = 0;
    gint hop_natural = 0;

    gtk_widget_measure (GTK_WIDGET (self->hops[i]), GTK_ORIENTATION_HORIZONTAL, -1, &hop_minimum,
                        &hop_natural, NULL, NULL);
    *minimum = MAX (*minimum, hop_minimum);
    *natural = MAX (*natural, hop_natural);
  }
  *minimum = *minimum * (self->is_full ? 1 : N_HOPS) + (N_HOPS - 1) * SMALL_GAP;
  *natural = MAX (*minimum, *natural * N_HOPS + N_LINKS * GAP);
}

static gint
clove_circuit_path_get_height (CloveFoldingWidget *self, gint width)
{
  return plan_at (CLOVE_CIRCUIT_PATH (self), width).height;
}

static void
clove_circuit_path_size_allocate (GtkWidget *widget, gint width, gint height, gint baseline)
{
  CloveCircuitPath *self = CLOVE_CIRCUIT_PATH (widget);
  Plan plan = plan_at (self, width);

  if (gtk_widget_get_visible (GTK_WIDGET (self->caption)))
    clove_width_place (widget, GTK_WIDGET (self->caption), &plan.caption);
  for (guint i = 0; i < N_HOPS; i++)
    clove_width_place (widget, GTK_WIDGET (self->hops[i]), &plan.hops[i]);
}

/* The last leads to the site, and is there once all relays are. */
static CloveHopLook
get_link_look (CloveCircuitPath *self, guint link)
{
  if (link < N_HOPS)
    return self->looks[link];
  return self->looks[N_HOPS - 1] == CLOVE_HOP_FAILED ? CLOVE_HOP_WAITING : self->looks[N_HOPS - 1];
}

static CloveLink
make_link (CloveCircuitPath *self, const Plan *plan, guint number, gint width)
{
  const GtkAllocation *before = number > 0 ? &plan->hops[number - 1] : NULL;
  const GtkAllocation *behind = number < N_HOPS ? &plan->hops[number] : NULL;
  CloveLink link = { .look = get_link_look (self, number), .is_active = self->is_active };

  if (plan->is_upright) {
    link.x1 = RAIL_X;
    link.x2 = RAIL_X;
    link.y1 = (before != NULL ? before->y + before->height : 0) + LINK_MARGIN;
    link.y2 = (behind != NULL ? behind->y : plan->height) - LINK_MARGIN;
  } else {
    link.x1 = (before != NULL ? before->x + before->width : 0) + LINK_MARGIN;
    link.x2 = (behind != NULL ? behind->x : width) - LINK_MARGIN;
    link.y1 = plan->hops[0].y + plan->hops[0].height / 2.0;
    link.y2 = link.y1;
  }
  return link;
}

static void
clove_circuit_path_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CloveCircuitPath *self = CLOVE_CIRCUIT_PATH (widget);
  gint width = gtk_widget_get_width (widget);
  gint height = gtk_widget_get_height (widget);
  Plan plan = plan_at (self, width);
  cairo_t *cr =
    gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));

  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL) {
    cairo_translate (cr, width, 0);
    cairo_scale (cr, -1, 1);
  }
  for (guint i = plan.has_ends ? 0 : 1; i < (plan.has_ends ? N_LINKS : N_HOPS); i++) {
    CloveLink link = make_link (self, &plan, i, width);

    clove_link_draw (&link, cr, widget, self->phase);
  }
  cairo_destroy (cr);

  GTK_WIDGET_CLASS (clove_circuit_path_parent_class)->snapshot (widget, snapshot);
}

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  CloveCircuitPath *self = CLOVE_CIRCUIT_PATH (widget);

  self->phase = (gdouble) (gdk_frame_clock_get_frame_time (clock) % PERIOD_US) / PERIOD_US;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

/* Only what is being built and looked at moves. */
static void
update_motion (CloveCircuitPath *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean is_moving = FALSE;

  for (guint i = 0; i < N_HOPS; i++)
    is_moving |= self->looks[i] == CLOVE_HOP_EXTENDING;
  is_moving = is_moving && gtk_widget_get_mapped (widget) && adw_get_enable_animations (widget);
  if (is_moving && self->tick == 0) {
    self->tick = gtk_widget_add_tick_callback (widget, on_tick, NULL, NULL);
  } else if (!is_moving && self->tick != 0) {
    gtk_widget_remove_tick_callback (widget, self->tick);
    self->tick = 0;
  }
}

static void
clove_circuit_path_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (clove_circuit_path_parent_class)->map (widget);
  update_motion (CLOVE_CIRCUIT_PATH (widget));
}

static void
clove_circuit_path_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (clove_circuit_path_parent_class)->unmap (widget);
  update_motion (CLOVE_CIRCUIT_PATH (widget));
}

static void
clove_circuit_path_class_init (CloveCircuitPathClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CloveFoldingWidgetClass *folding_class = CLOVE_FOLDING_WIDGET_CLASS (klass);

  folding_class->measure_width = clove_circuit_path_measure_width;
  folding_class->get_height = clove_circuit_path_get_height;
  widget_class->size_allocate = clove_circuit_path_size_allocate;
  widget_class->snapshot = clove_circuit_path_snapshot;
  widget_class->map = clove_circuit_path_map;
  widget_class->unmap = clove_circuit_path_unmap;
  gtk_widget_class_set_css_name (widget_class, "path");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void
clove_circuit_path_init (CloveCircuitPath *self)
{
  self->caption = g_object_new (GTK_TYPE_LABEL, "xalign", 0.0, "ellipsize", PANGO_ELLIPSIZE_END,
                                "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->caption), "caption");
  gtk_widget_set_parent (GTK_WIDGET (self->caption), GTK_WIDGET (self));
  for (guint i = 0; i < N_HOPS; i++) {
    self->hops[i] = clove_hop_card_new (i);
    gtk_widget_set_parent (GTK_WIDGET (self->hops[i]), GTK_WIDGET (self));
  }
}

/** clove_circuit_path_new: (transfer floating): Make a path that shows nothing yet. */
CloveCircuitPath *
clove_circuit_path_new (void)
{
  return g_object_new (CLOVE_TYPE_CIRCUIT_PATH, NULL);
}

static void
set_class (CloveCircuitPath *self, const char *name, gboolean has_class)
{
  if (has_class)
    gtk_widget_add_css_class (GTK_WIDGET (self), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), name);
}

static void
show_links (CloveCircuitPath *self, const CloveCircuitRow *row)
{
  gboolean is_same = self->is_active == row->is_active;

  for (guint i = 0; i < N_HOPS; i++) {
    is_same &= self->looks[i] == row->looks[i];
    self->looks[i] = row->looks[i];
  }
  self->is_active = row->is_active;
  if (!is_same)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/** clove_circuit_path_show: Show @row; @has_caption if there are others beside it. */
void
clove_circuit_path_show (CloveCircuitPath *self, const CloveCircuitRow *row, gboolean has_caption)
{
  const char *caption = clove_describe_row (row);

  if (g_strcmp0 (gtk_label_get_label (self->caption), caption) != 0) {
    gtk_label_set_label (self->caption, caption);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, caption,
                                    -1);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->caption), has_caption);
  for (guint i = 0; i < N_HOPS; i++)
    clove_hop_card_show (self->hops[i], row);
  show_links (self, row);
  if (self->is_full != row->is_full) {
    self->is_full = row->is_full;
    gtk_widget_queue_resize (GTK_WIDGET (self));
  }
  set_class (self, "full", row->is_full);
  set_class (self, "active", row->is_active);
  update_motion (self);
}
