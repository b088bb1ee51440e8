/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commands go to the demo network one connection each. After a command, and whenever the page comes
 * into view, the network is asked how its relays are: nothing is shown that it has not said.
 */
#include "config.h"

#include "clove-fault-board.h"

#include "clove-fault-client.h"
#include "clove-fault-row.h"
#include "clove-toast.h"
#include "clove-wrap-layout.h"

#include <glib/gi18n.h>

struct _CloveFaultBoard {
  AdwBin parent_instance;

  /* Template children. */
  GtkImage *state_icon;
  GtkLabel *state;
  GtkLabel *effect;
  GtkLabel *entry;
  GtkLabel *middle;
  GtkLabel *exit;
  GtkListBox *list;
  GtkWidget *nobody;

  /* Owned. */
  char *control;             /* NULL without a demo */
  GCancellable *cancellable; /* of what is under way; NULL without a demo */
  CloveSnapshot *snapshot;   /* NULL at first */

  CloveTone tone; /* whose style the icon has */
  gboolean is_listing;
  gboolean lists_again; /* something was done after the list was asked for */
};

G_DEFINE_FINAL_TYPE (CloveFaultBoard, clove_fault_board, ADW_TYPE_BIN)

/* A command under way. */
typedef struct {
  CloveFaultBoard *board; /* owned */
  char *command;
  CloveFaultPlace place; /* of its relay when it was given */
} Order;

static void refresh (CloveFaultBoard *self);

static void
set_label (GtkLabel *label, const char *text)
{
  if (!g_str_equal (gtk_label_get_label (label), text))
    gtk_label_set_label (label, text);
}

static CloveFaultPlace
find_place (CloveFaultBoard *self, const char *name)
{
  return self->snapshot != NULL ? clove_fault_place_find (self->snapshot, name)
                                : CLOVE_FAULT_PLACE_NONE;
}

static void
show_effect (CloveFaultBoard *self, const char *command, CloveFaultPlace place)
{
  g_autofree char *text = clove_describe_fault_effect (command, place);

  set_label (self->effect, text);
}

static void
remove_rows (CloveFaultBoard *self)
{
  GtkWidget *row = NULL;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
}

static gboolean
has_rows_of (CloveFaultBoard *self, const GPtrArray *relays)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list));

  for (guint i = 0; i < relays->len; i++, row = gtk_widget_get_next_sibling (row)) {
    const CloveFaultRelay *relay = g_ptr_array_index (relays, i);

    if (row == NULL ||
        !g_str_equal (clove_fault_row_get_name (CLOVE_FAULT_ROW (row)), relay->name))
      return FALSE;
  }
  return row == NULL;
}

/* The same relays have the same rows, so that the keyboard's focus stays where it is. */
static void
show_relays (CloveFaultBoard *self, const GPtrArray *relays)
{
  GtkWidget *row = NULL;

  if (!has_rows_of (self, relays)) {
    remove_rows (self);
    for (guint i = 0; i < relays->len; i++) {
      const CloveFaultRelay *relay = g_ptr_array_index (relays, i);

      gtk_list_box_append (self->list, clove_fault_row_new (relay->name));
    }
  }
  row = gtk_widget_get_first_child (GTK_WIDGET (self->list));
  for (guint i = 0; i < relays->len; i++, row = gtk_widget_get_next_sibling (row)) {
    const CloveFaultRelay *relay = g_ptr_array_index (relays, i);

    clove_fault_row_set_relay (CLOVE_FAULT_ROW (row), relay);
    clove_fault_row_set_place (CLOVE_FAULT_ROW (row), find_place (self, relay->name));
  }
  gtk_widget_set_visible (GTK_WIDGET (self->list), relays->len > 0);
  gtk_widget_set_visible (self->nobody, relays->len == 0);
}

static void
tell_failure (CloveFaultBoard *self, const GError *error)
{
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
    /* Translators: %s is the demo network's own English clause */
    text = g_strdup_printf (_ ("The demo network objects: %s"), error->message);
  else
    text = g_strdup_printf (_ ("The demo network does not answer: %s"), error->message);
  clove_toast (GTK_WIDGET (self), text);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveFaultBoard) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = clove_fault_client_send_finish (result, &error);
  g_autoptr (GPtrArray) relays = NULL;

  /* The board belongs to another demo by now, or to none. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->is_listing = FALSE;
  relays = clove_fault_list_parse (text != NULL ? text : "");
  show_relays (self, relays);
  if (self->lists_again)
    refresh (self);
}

/* Asks how the relays are. */
static void
refresh (CloveFaultBoard *self)
{
  self->lists_again = self->is_listing;
  if (self->control == NULL || self->is_listing)
    return;
  self->is_listing = TRUE;
  clove_fault_client_send_async (self->control, "list", self->cancellable, on_listed,
                                 g_object_ref (self));
}

static void
order_free (Order *order)
{
  g_object_unref (order->board);
  g_free (order->command);
  g_free (order);
}

static void
on_ordered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Order *order = user_data;
  CloveFaultBoard *self = order->board;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = clove_fault_client_send_finish (result, &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    if (text != NULL)
      show_effect (self, order->command, order->place);
    else
      tell_failure (self, error);
    refresh (self);
  }
  order_free (order);
}

/* The relay's name is the second word. */
static CloveFaultPlace
find_place_of (CloveFaultBoard *self, const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", 3);

  return g_strv_length (words) > 1 ? find_place (self, words[1]) : CLOVE_FAULT_PLACE_NONE;
}

static void
send_order (CloveFaultBoard *self, const char *command)
{
  Order *order = NULL;

  if (self->control == NULL)
    return;
  order = g_new0 (Order, 1);
  order->board = g_object_ref (self);
  order->command = g_strdup (command);
  order->place = find_place_of (self, command);
  clove_fault_client_send_async (self->control, command, self->cancellable, on_ordered, order);
}

static void
on_send (GtkWidget *widget, const char *action, GVariant *parameter)
{
  send_order (CLOVE_FAULT_BOARD (widget), g_variant_get_string (parameter, NULL));
}

/* Kills the relay in the given place of the circuit in use. */
static void
on_break (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveFaultBoard *self = CLOVE_FAULT_BOARD (widget);
  guint hop = g_variant_get_uint32 (parameter);
  g_autofree char *command = NULL;

  if (self->snapshot == NULL || hop >= self->snapshot->live.n_hops)
    return;
  command = g_strdup_printf ("kill %s", self->snapshot->live.hops[hop].name);
  send_order (self, command);
}

static void
update_actions (CloveFaultBoard *self)
{
  gboolean has_circuit =
    self->snapshot != NULL && self->snapshot->live.n_hops == CLOVE_SNAPSHOT_MAX_HOPS;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "faults.send", self->control != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "faults.break",
                                 self->control != NULL && has_circuit);
}

/** clove_fault_board_set_control: Break the network that listens at @control; %NULL for none. */
void
clove_fault_board_set_control (CloveFaultBoard *self, const char *control)
{
  if (g_strcmp0 (self->control, control) == 0)
    return;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_free (self->control);
  self->control = g_strdup (control);
  self->cancellable = control != NULL ? g_cancellable_new () : NULL;
  self->is_listing = FALSE;
  remove_rows (self);
  gtk_widget_set_visible (GTK_WIDGET (self->list), FALSE);
  gtk_widget_set_visible (self->nobody, FALSE);
  show_effect (self, "", CLOVE_FAULT_PLACE_NONE);
  update_actions (self);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    refresh (self);
}

static void
show_state (CloveFaultBoard *self, const CloveSnapshot *snapshot)
{
  CloveTone tone = clove_describe_tone (snapshot);
  g_autofree char *title = clove_describe_title (snapshot);

  set_label (self->state, title);
  gtk_image_set_from_icon_name (self->state_icon, clove_describe_icon (snapshot));
  if (tone == self->tone)
    return;
  gtk_widget_remove_css_class (GTK_WIDGET (self->state_icon), clove_tone_style (self->tone));
  gtk_widget_add_css_class (GTK_WIDGET (self->state_icon), clove_tone_style (tone));
  self->tone = tone;
}

static void
show_hops (CloveFaultBoard *self, const CloveSnapshotCircuit *circuit)
{
  GtkLabel *const labels[CLOVE_SNAPSHOT_MAX_HOPS] = { self->entry, self->middle, self->exit };

  for (guint hop = 0; hop < CLOVE_SNAPSHOT_MAX_HOPS; hop++)
    set_label (labels[hop], hop < circuit->n_hops ? circuit->hops[hop].name : "–");
}

/** clove_fault_board_show: Show @snapshot; @now_us is the monotonic time, for what counts down. */
void
clove_fault_board_show (CloveFaultBoard *self, CloveSnapshot *snapshot, gint64 now_us)
{
  if (snapshot == self->snapshot)
    return;
  clove_snapshot_ref (snapshot);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  self->snapshot = snapshot;
  show_state (self, snapshot);
  show_hops (self, &snapshot->live);
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    clove_fault_row_set_place (
      CLOVE_FAULT_ROW (row), find_place (self, clove_fault_row_get_name (CLOVE_FAULT_ROW (row))));
  update_actions (self);
}

static void
clove_fault_board_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (clove_fault_board_parent_class)->map (widget);
  refresh (CLOVE_FAULT_BOARD (widget));
}

static void
clove_fault_board_dispose (GObject *object)
{
  CloveFaultBoard *self = CLOVE_FAULT_BOARD (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->control, g_free);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CLOVE_TYPE_FAULT_BOARD);

  G_OBJECT_CLASS (clove_fault_board_parent_class)->dispose (object);
}

static void
clove_fault_board_class_init (CloveFaultBoardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_fault_board_dispose;
  widget_class->map = clove_fault_board_map;
  g_type_ensure (CLOVE_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-fault-board.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, state_icon);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, state);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, effect);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, entry);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, middle);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, exit);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, list);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultBoard, nobody);
  gtk_widget_class_install_action (widget_class, "faults.send", "s", on_send);
  gtk_widget_class_install_action (widget_class, "faults.break", "u", on_break);
}

static void
clove_fault_board_init (CloveFaultBoard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show_effect (self, "", CLOVE_FAULT_PLACE_NONE);
  update_actions (self);
}
