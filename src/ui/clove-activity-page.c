/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-activity-page.h"

#include "clove-describe-traffic.h"
#include "clove-request-row.h"
#include "clove-throughput-graph.h"
#include "clove-wrap-layout.h"

struct _CloveActivityPage {
  AdwBin parent_instance;

  /* Template children. */
  CloveThroughputGraph *graph;
  GtkLabel *received_rate;
  GtkLabel *sent_rate;
  GtkLabel *n_requests;
  GtkLabel *n_in_flight;
  GtkLabel *received;
  GtkLabel *sent;
  GtkStack *stack;
  GtkListBox *list;
  GtkWidget *open_demo;

  /* Owned. */
  GSettings *gsettings; /* NULL until it is set */
  GPtrArray *requests;  /* what is listed, shared with snapshots; NULL at first */
};

G_DEFINE_FINAL_TYPE (CloveActivityPage, clove_activity_page, ADW_TYPE_BIN)

static void
set_label (GtkLabel *label, const char *text)
{
  if (!g_str_equal (gtk_label_get_label (label), text))
    gtk_label_set_label (label, text);
}

static void
set_size (GtkLabel *label, guint64 size)
{
  g_autofree char *text = g_format_size (size);

  set_label (label, text);
}

static void
set_rate (GtkLabel *label, gdouble bytes_per_s)
{
  g_autofree char *text = clove_describe_rate (bytes_per_s);

  set_label (label, text);
}

static void
set_count (GtkLabel *label, guint64 count)
{
  /* With separators for thousands, as the language has them. */
  g_autofree char *text = g_strdup_printf ("%'" G_GUINT64_FORMAT, count);

  set_label (label, text);
}

static gboolean
is_history_on (CloveActivityPage *self)
{
  return self->gsettings == NULL || g_settings_get_boolean (self->gsettings, CLOVE_SETTING_HISTORY);
}

static void
update_stack (CloveActivityPage *self)
{
  const char *name = "empty";

  if (!is_history_on (self))
    name = "off";
  else if (gtk_widget_get_first_child (GTK_WIDGET (self->list)) != NULL)
    name = "list";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static CloveRequestRow *
get_newest_row (CloveActivityPage *self)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list));

  return row != NULL ? CLOVE_REQUEST_ROW (row) : NULL;
}

static void
remove_all (CloveActivityPage *self)
{
  GtkWidget *row = NULL;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

/* Where in @requests those begin that have no row. Requests are shared by snapshots, so that one
 * is the same as long as it is the same object; rows of another engine are of no use. */
static guint
find_new (CloveActivityPage *self, const GPtrArray *requests)
{
  CloveRequestRow *newest = get_newest_row (self);

  for (guint i = requests->len; i > 0 && newest != NULL; i--) {
    if (g_ptr_array_index (requests, i - 1) == clove_request_row_get_request (newest))
      return i;
  }
  remove_all (self);
  return 0;
}

static void
remove_forgotten (CloveActivityPage *self, guint64 oldest_serial)
{
  GtkWidget *row = gtk_widget_get_last_child (GTK_WIDGET (self->list));

  while (row != NULL &&
         clove_request_row_get_request (CLOVE_REQUEST_ROW (row))->serial < oldest_serial) {
    gtk_list_box_remove (self->list, row);
    row = gtk_widget_get_last_child (GTK_WIDGET (self->list));
  }
}

/* @requests is NULL of an engine that was never on. */
static void
show_requests (CloveActivityPage *self, GPtrArray *requests)
{
  if (requests == self->requests)
    return;
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  if (requests == NULL) {
    remove_all (self);
    return;
  }
  for (guint i = find_new (self, requests); i < requests->len; i++)
    gtk_list_box_prepend (self->list, clove_request_row_new (g_ptr_array_index (requests, i)));
  if (requests->len > 0)
    remove_forgotten (self, ((CloveSnapshotRequest *) g_ptr_array_index (requests, 0))->serial);
  self->requests = g_ptr_array_ref (requests);
}

/** clove_activity_page_show: Show @snapshot; @now_us is the monotonic time, to move the graph. */
void
clove_activity_page_show (CloveActivityPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
  /* The engine counts as a proxy does: in is what comes from browsers. */
  clove_throughput_graph_read (self->graph, now_us, snapshot->n_bytes_out, snapshot->n_bytes_in);
  /* A label that nobody sees would lay out the whole window all the same. */
  if (!gtk_widget_get_child_visible (GTK_WIDGET (self)))
    return;
  set_rate (self->received_rate, clove_throughput_graph_get_received (self->graph));
  set_rate (self->sent_rate, clove_throughput_graph_get_sent (self->graph));
  set_count (self->n_requests, snapshot->n_requests);
  set_count (self->n_in_flight, snapshot->n_in_flight);
  set_size (self->received, snapshot->n_bytes_out);
  set_size (self->sent, snapshot->n_bytes_in);
  show_requests (self, snapshot->requests);
  update_stack (self);
}

/** clove_activity_page_is_moving: Tell whether the graph looks different each second. */
gboolean
clove_activity_page_is_moving (CloveActivityPage *self)
{
  return clove_throughput_graph_get_peak (self->graph) > 0;
}

static void
on_history_changed (GSettings *gsettings, const char *key, gpointer user_data)
{
  update_stack (user_data);
}

/** clove_activity_page_set_settings: Let the page know whether requests are listed; once. */
void
clove_activity_page_set_settings (CloveActivityPage *self, CloveSettings *settings)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GAction) action = NULL;

  g_return_if_fail (self->gsettings == NULL);

  self->gsettings = g_object_ref (clove_settings_get_gsettings (settings));
  action = g_settings_create_action (self->gsettings, CLOVE_SETTING_HISTORY);
  g_action_map_add_action (G_ACTION_MAP (group), action);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "activity", G_ACTION_GROUP (group));
  g_signal_connect_object (self->gsettings, "changed::" CLOVE_SETTING_HISTORY,
                           G_CALLBACK (on_history_changed), self, 0);
  update_stack (self);
}

/** clove_activity_page_set_demo: Offer the demo's site, or do not. */
void
clove_activity_page_set_demo (CloveActivityPage *self, gboolean is_demo)
{
  gtk_widget_set_visible (self->open_demo, is_demo);
}

static void
clove_activity_page_dispose (GObject *object)
{
  CloveActivityPage *self = CLOVE_ACTIVITY_PAGE (object);

  if (self->gsettings != NULL)
    g_signal_handlers_disconnect_by_data (self->gsettings, self);
  g_clear_object (&self->gsettings);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CLOVE_TYPE_ACTIVITY_PAGE);

  G_OBJECT_CLASS (clove_activity_page_parent_class)->dispose (object);
}

static void
clove_activity_page_class_init (CloveActivityPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_activity_page_dispose;
  g_type_ensure (CLOVE_TYPE_THROUGHPUT_GRAPH);
  g_type_ensure (CLOVE_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, graph);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, received_rate);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, sent_rate);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, n_requests);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, n_in_flight);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, received);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, sent);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, list);
  gtk_widget_class_bind_template_child (widget_class, CloveActivityPage, open_demo);
}

static void
clove_activity_page_init (CloveActivityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
