/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-throughput-graph.h"

#include "clove-describe-traffic.h"
#include "clove-throughput.h"

#include <glib/gi18n.h>
#include <math.h>

#define MIN_WIDTH     200
#define NATURAL_WIDTH 640
#define HEIGHT        170
/* Between the plot and its labels. */
#define GAP           8
/* The second that is not over yet is not shown: it would look like a fall. */
#define NEWEST_S      1
#define OLDEST_S      (CLOVE_THROUGHPUT_N_SECONDS - 1)

struct _CloveThroughputGraph {
  GtkWidget parent_instance;

  CloveThroughput history;
};

G_DEFINE_FINAL_TYPE (CloveThroughputGraph, clove_throughput_graph, GTK_TYPE_WIDGET)

/* Where things are drawn. */
typedef struct {
  gdouble x; /* of the plot */
  gdouble y;
  gdouble width;
  gdouble height;
  gdouble full_width; /* of the widget */
  gdouble top;        /* bytes per second at the upper edge */
  gboolean is_rtl;
} Plot;

typedef gdouble (*ValueFunc) (const CloveThroughputSecond *second);

static gdouble
get_received (const CloveThroughputSecond *second)
{
  return second->received;
}

static gdouble
get_sent (const CloveThroughputSecond *second)
{
  return second->sent;
}

static PangoLayout *
make_label (CloveThroughputGraph *self, const char *text)
{
  return gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
}

/* The column of the scale keeps its width whatever the scale says. */
static void
measure_label (CloveThroughputGraph *self, gint *width_out, gint *height_out)
{
  g_autofree char *widest = clove_describe_rate (888.8e6);
  g_autoptr (PangoLayout) layout = make_label (self, widest);

  pango_layout_get_pixel_size (layout, width_out, height_out);
}

static void
lay_out (CloveThroughputGraph *self, Plot *plot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gint label_width = 0;
  gint label_height = 0;

  measure_label (self, &label_width, &label_height);
  plot->is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  plot->full_width = gtk_widget_get_width (widget);
  plot->width = MAX (plot->full_width - label_width - GAP, 1);
  /* Half a label stands above the upper edge, and a line of them below the lower one. */
  plot->y = floor (label_height / 2.0);
  plot->height = MAX (gtk_widget_get_height (widget) - plot->y - label_height - GAP, 1);
  plot->x = plot->is_rtl ? plot->full_width - plot->width : 0;
  plot->top = clove_throughput_round_up (clove_throughput_get_peak (&self->history));
}

/* Time goes as one reads. */
static gdouble
get_x (const Plot *plot, gdouble age_s)
{
  gdouble part = (age_s - NEWEST_S) / (OLDEST_S - NEWEST_S);

  return plot->is_rtl ? plot->x + part * plot->width : plot->x + (1 - part) * plot->width;
}

static gdouble
get_y (const Plot *plot, gdouble bytes_per_s)
{
  /* A line on the edge would be cut in half. */
  return plot->y + 1 + (1 - bytes_per_s / plot->top) * (plot->height - 2);
}

static void
trace (CloveThroughputGraph *self, cairo_t *cr, const Plot *plot, ValueFunc get_value)
{
  for (guint age_s = NEWEST_S; age_s <= OLDEST_S; age_s++)
    cairo_line_to (cr, get_x (plot, age_s),
                   get_y (plot, get_value (clove_throughput_get (&self->history, age_s))));
}

static void
set_color (CloveThroughputGraph *self, cairo_t *cr, const char *name, gdouble alpha)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  GdkRGBA color = { 0 };

  if (!gtk_style_context_lookup_color (style, name, &color))
    gtk_style_context_get_color (style, &color);
  cairo_set_source_rgba (cr, color.red, color.green, color.blue,
                         (gdouble) color.alpha * alpha);
}

static void
draw_grid (CloveThroughputGraph *self, cairo_t *cr, const Plot *plot)
{
  set_color (self, cr, "", 0.12);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i <= 2; i++) {
    gdouble y = floor (get_y (plot, plot->top * i / 2)) + 0.5;

    cairo_move_to (cr, plot->x, y);
    cairo_line_to (cr, plot->x + plot->width, y);
  }
  cairo_stroke (cr);
}

static void
draw_received (CloveThroughputGraph *self, cairo_t *cr, const Plot *plot)
{
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace (self, cr, plot, get_received);
  set_color (self, cr, "clove_received_color", 1);
  cairo_stroke (cr);
  trace (self, cr, plot, get_received);
  cairo_line_to (cr, get_x (plot, OLDEST_S), get_y (plot, 0));
  cairo_line_to (cr, get_x (plot, NEWEST_S), get_y (plot, 0));
  cairo_close_path (cr);
  set_color (self, cr, "clove_received_color", 0.25);
  cairo_fill (cr);
}

static void
draw_sent (CloveThroughputGraph *self, cairo_t *cr, const Plot *plot)
{
  static const gdouble dashes[] = { 5, 3 };

  cairo_set_line_width (cr, 2);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  trace (self, cr, plot, get_sent);
  set_color (self, cr, "clove_sent_color", 1);
  cairo_stroke (cr);
}

/* Draws @text with its middle at @x as far as there is room, its top at @y. */
static void
draw_text (CloveThroughputGraph *self,
           GtkSnapshot *snapshot,
           const Plot *plot,
           const char *text,
           const graphene_point_t *place)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  g_autoptr (PangoLayout) layout = make_label (self, text);
  gint width = 0;
  gint height = 0;
  gdouble x = 0;
  GdkRGBA color = { 0 };

  gtk_style_context_get_color (style, &color);
  color.alpha *= 0.7f;
  pango_layout_get_pixel_size (layout, &width, &height);
  x = CLAMP ((gdouble) place->x - width / 2.0, 0, MAX (plot->full_width - width, 0));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, place->y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_times (CloveThroughputGraph *self, GtkSnapshot *snapshot, const Plot *plot)
{
  const struct {
    gdouble age_s;
    const char *text;
  } times[] = {
    { OLDEST_S, _ ("2 min ago") },
    { (OLDEST_S + NEWEST_S) / 2.0, _ ("1 min ago") },
    { NEWEST_S, _ ("now") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    graphene_point_t place = GRAPHENE_POINT_INIT ((float) get_x (plot, times[i].age_s),
                                                  (float) (plot->y + plot->height + GAP));

    draw_text (self, snapshot, plot, times[i].text, &place);
  }
}

/* Each beside its line of the grid. */
static void
draw_scale (CloveThroughputGraph *self, GtkSnapshot *snapshot, const Plot *plot)
{
  gint width = 0;
  gint height = 0;

  measure_label (self, &width, &height);
  for (guint i = 0; i <= 2; i++) {
    g_autofree char *text = i > 0 ? clove_describe_rate (plot->top * i / 2) : g_strdup ("0");
    g_autoptr (PangoLayout) layout = make_label (self, text);
    gint text_width = 0;
    gdouble y = get_y (plot, plot->top * i / 2) - height / 2.0;
    graphene_point_t place = { 0 };

    pango_layout_get_pixel_size (layout, &text_width, NULL);
    place.y = (float) y;
    place.x = (float) (plot->is_rtl ? plot->x - GAP - text_width / 2.0
                                    : plot->width + GAP + text_width / 2.0);
    draw_text (self, snapshot, plot, text, &place);
  }
}

static void
clove_throughput_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CloveThroughputGraph *self = CLOVE_THROUGHPUT_GRAPH (widget);
  Plot plot = { 0 };
  cairo_t *cr = NULL;

  lay_out (self, &plot);
  cr = gtk_snapshot_append_cairo (
    snapshot, &GRAPHENE_RECT_INIT ((float) plot.x, (float) plot.y, (float) plot.width,
                                   (float) plot.height));
  draw_grid (self, cr, &plot);
  draw_received (self, cr, &plot);
  draw_sent (self, cr, &plot);
  cairo_destroy (cr);
  draw_scale (self, snapshot, &plot);
  draw_times (self, snapshot, &plot);
}

static void
/* NOLINTNEXTLINE(readability-function-size): GTK gives so many. */
clove_throughput_graph_measure (GtkWidget *widget,
                                GtkOrientation orientation,
                                gint for_size,
                                gint *minimum,
                                gint *natural,
                                gint *minimum_baseline,
                                gint *natural_baseline)
{
  gboolean is_wide = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = is_wide ? MIN_WIDTH : HEIGHT;
  *natural = is_wide ? NATURAL_WIDTH : HEIGHT;
}

static gboolean
clove_throughput_graph_query_tooltip (GtkWidget *widget,
                                      gint x,
                                      gint y,
                                      gboolean is_by_keyboard,
                                      GtkTooltip *tooltip)
{
  CloveThroughputGraph *self = CLOVE_THROUGHPUT_GRAPH (widget);
  const CloveThroughputSecond *second = NULL;
  g_autofree char *text = NULL;
  g_autofree char *label = NULL;
  gdouble part = 0;
  guint age_s = NEWEST_S;
  Plot plot = { 0 };

  lay_out (self, &plot);
  part = (x - plot.x) / plot.width;
  if (part < 0 || part > 1 || y < plot.y || y > plot.y + plot.height)
    return FALSE;
  age_s += (guint) lround ((plot.is_rtl ? part : 1 - part) * (OLDEST_S - NEWEST_S));
  second = clove_throughput_get (&self->history, age_s);
  text = clove_describe_throughput (second->received, second->sent);
  /* Translators: so many seconds ago, and what passed then */
  label = g_strdup_printf (_ ("%u s ago: %s"), age_s, text);
  gtk_tooltip_set_text (tooltip, label);
  return TRUE;
}

static void
clove_throughput_graph_class_init (CloveThroughputGraphClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = clove_throughput_graph_snapshot;
  widget_class->measure = clove_throughput_graph_measure;
  widget_class->query_tooltip = clove_throughput_graph_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "throughputgraph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
clove_throughput_graph_init (CloveThroughputGraph *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_add_css_class (widget, "caption");
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What passed in the last two minutes"), -1);
}

static void
update_description (CloveThroughputGraph *self)
{
  g_autofree char *text = clove_describe_throughput (clove_throughput_graph_get_received (self),
                                                     clove_throughput_graph_get_sent (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text, -1);
}

/** clove_throughput_graph_read: Take a reading of the counters, see clove_throughput_read(). */
void
clove_throughput_graph_read (CloveThroughputGraph *self,
                             gint64 now_us,
                             guint64 n_received,
                             guint64 n_sent)
{
  if (!clove_throughput_read (&self->history, now_us, n_received, n_sent))
    return;
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/** clove_throughput_graph_get_received: Get the bytes received in the last second that is over. */
gdouble
clove_throughput_graph_get_received (CloveThroughputGraph *self)
{
  return clove_throughput_get (&self->history, NEWEST_S)->received;
}

/** clove_throughput_graph_get_sent: Get the bytes sent in the last second that is over. */
gdouble
clove_throughput_graph_get_sent (CloveThroughputGraph *self)
{
  return clove_throughput_get (&self->history, NEWEST_S)->sent;
}

/** clove_throughput_graph_get_peak: Get the most bytes in a second of those that are drawn. */
gdouble
clove_throughput_graph_get_peak (CloveThroughputGraph *self)
{
  return clove_throughput_get_peak (&self->history);
}
