/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-sparkline.h"

#include "clove-describe-relay.h"

#include <glib/gi18n.h>

#define BAR_WIDTH  2
#define STEP_WIDTH 3
#define WIDTH      (CLOVE_RELAY_HISTORY_MAX * STEP_WIDTH - (STEP_WIDTH - BAR_WIDTH))
#define HEIGHT     18
#define BAD_HEIGHT 6
#define DOT_HEIGHT 2

struct _CloveSparkline {
  GtkWidget parent_instance;

  CloveRelayHistory history;
};

G_DEFINE_FINAL_TYPE (CloveSparkline, clove_sparkline, GTK_TYPE_WIDGET)

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_sparkline_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         gint for_size,
                         gint *minimum,
                         gint *natural,
                         gint *minimum_baseline,
                         gint *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
  *natural = *minimum;
}

static GdkRGBA
look_up (GtkWidget *widget, const char *name, const GdkRGBA *otherwise)
{
  GdkRGBA color = { 0 };

  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, &color))
    return *otherwise;
  return color;
}

static void
append_bar (GtkSnapshot *snapshot, const GdkRGBA *color, gint x, gint height)
{
  gtk_snapshot_append_color (snapshot, color,
                             &GRAPHENE_RECT_INIT ((float) x, (float) (HEIGHT - height),
                                                  BAR_WIDTH, (float) height));
}

static void
clove_sparkline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CloveSparkline *self = CLOVE_SPARKLINE (widget);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRGBA plain = { 0 };
  GdkRGBA good = { 0 };
  GdkRGBA bad = { 0 };

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &plain);
  good = look_up (widget, "success_color", &plain);
  bad = look_up (widget, "error_color", &plain);
  good.alpha *= 0.75f;
  plain.alpha *= 0.2f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
    snapshot, &GRAPHENE_POINT_INIT (0, (float) (gtk_widget_get_height (widget) - HEIGHT) / 2));
  for (gint i = 0; i < CLOVE_RELAY_HISTORY_MAX; i++) {
    gint from_end = is_rtl ? i : CLOVE_RELAY_HISTORY_MAX - 1 - i;
    gint x = from_end * STEP_WIDTH;

    if ((guint) i >= self->history.n_outcomes)
      append_bar (snapshot, &plain, x, DOT_HEIGHT);
    else if (self->history.outcomes >> i & 1)
      append_bar (snapshot, &good, x, HEIGHT);
    else
      append_bar (snapshot, &bad, x, BAD_HEIGHT);
  }
  gtk_snapshot_restore (snapshot);
}

static gboolean
clove_sparkline_query_tooltip (GtkWidget *widget,
                               gint x,
                               gint y,
                               gboolean is_by_keyboard,
                               GtkTooltip *tooltip)
{
  CloveSparkline *self = CLOVE_SPARKLINE (widget);
  g_autofree char *text = clove_describe_relay_history (&self->history);

  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
clove_sparkline_class_init (CloveSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = clove_sparkline_measure;
  widget_class->snapshot = clove_sparkline_snapshot;
  widget_class->query_tooltip = clove_sparkline_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "sparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
update_label (CloveSparkline *self)
{
  g_autofree char *text = clove_describe_relay_history (&self->history);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
clove_sparkline_init (CloveSparkline *self)
{
  self->history.weight = 1;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  update_label (self);
}

/** clove_sparkline_new: Make one that knows nothing; GTK owns it. */
GtkWidget *
clove_sparkline_new (void)
{
  return g_object_new (CLOVE_TYPE_SPARKLINE, NULL);
}

/** clove_sparkline_set_history: Show another history. */
void
clove_sparkline_set_history (CloveSparkline *self, const CloveRelayHistory *history)
{
  gboolean is_same = clove_relay_history_equal (&self->history, history);

  self->history = *history;
  if (is_same)
    return;
  update_label (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
