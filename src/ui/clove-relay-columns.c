/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-columns.h"

#include <string.h>

#define NAME_CHARS         14
#define ROLES_CHARS        17
#define RTT_CHARS          8
#define STATE_CHARS        22
/* Names need no more; words for states are long in some languages. */
#define NAME_ENOUGH_CHARS  24
#define STATE_ENOUGH_CHARS 32
#define HISTORY_WIDTH      95
#define MENU_WIDTH         34

static gint
get_char_width (GtkWidget *widget)
{
  PangoContext *context = gtk_widget_get_pango_context (widget);
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  gint width = PANGO_PIXELS_CEIL (pango_font_metrics_get_approximate_char_width (metrics));

  pango_font_metrics_unref (metrics);
  return width;
}

/* Gives room that names do not need to the states. */
static void
widen_state (CloveRelayColumns *self)
{
  gint spare = self->width[CLOVE_RELAY_COLUMN_NAME] - NAME_ENOUGH_CHARS * self->char_width;
  gint wish = (STATE_ENOUGH_CHARS - STATE_CHARS) * self->char_width;
  gint more = CLAMP (spare, 0, wish);

  self->width[CLOVE_RELAY_COLUMN_NAME] -= more;
  self->width[CLOVE_RELAY_COLUMN_STATE] += more;
}

/** clove_relay_columns_init: Find the columns of a row of @width, in the font of @widget. */
void
clove_relay_columns_init (CloveRelayColumns *self, GtkWidget *widget, gint width)
{
  gint fixed = 2 * CLOVE_RELAY_COLUMNS_PADDING;
  gint x = CLOVE_RELAY_COLUMNS_PADDING;

  self->char_width = get_char_width (widget);
  self->width[CLOVE_RELAY_COLUMN_ROLES] = ROLES_CHARS * self->char_width;
  self->width[CLOVE_RELAY_COLUMN_HISTORY] = HISTORY_WIDTH;
  self->width[CLOVE_RELAY_COLUMN_RTT] = RTT_CHARS * self->char_width;
  self->width[CLOVE_RELAY_COLUMN_STATE] = STATE_CHARS * self->char_width;
  self->width[CLOVE_RELAY_COLUMN_MENU] = MENU_WIDTH;
  for (guint i = CLOVE_RELAY_COLUMN_NAME + 1; i < CLOVE_RELAY_N_COLUMNS; i++)
    fixed += self->width[i] + CLOVE_RELAY_COLUMNS_GAP;
  self->min_width = fixed + NAME_CHARS * self->char_width;
  self->is_wide = width >= self->min_width;
  self->width[CLOVE_RELAY_COLUMN_NAME] = MAX (width - fixed, 0);
  widen_state (self);
  for (guint i = 0; i < CLOVE_RELAY_N_COLUMNS; i++) {
    self->x[i] = x;
    x += self->width[i] + CLOVE_RELAY_COLUMNS_GAP;
  }
}

static const char *const names[] = {
  [CLOVE_RELAY_COLUMN_NAME] = "name",
  [CLOVE_RELAY_COLUMN_ROLES] = "roles",
  [CLOVE_RELAY_COLUMN_HISTORY] = "history",
  [CLOVE_RELAY_COLUMN_RTT] = "rtt",
  [CLOVE_RELAY_COLUMN_STATE] = "state",
};

/** clove_relay_column_name: Get the column's name in actions. */
const char *
clove_relay_column_name (CloveRelayColumn column)
{
  g_return_val_if_fail ((guint) column < G_N_ELEMENTS (names), NULL);
  return names[column];
}

/** clove_relay_column_parse: Read a name; @out is untouched if there is no such column. */
gboolean
clove_relay_column_parse (CloveRelayColumn *out, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (g_strcmp0 (names[i], name) == 0) {
      *out = i;
      return TRUE;
    }
  }
  return FALSE;
}

/** clove_relay_column_changes: Get which changes may alter the order by @column. */
CloveRelayChanges
clove_relay_column_changes (CloveRelayColumn column)
{
  switch (column) {
    case CLOVE_RELAY_COLUMN_HISTORY:
      return CLOVE_RELAY_CHANGED_HISTORY;
    case CLOVE_RELAY_COLUMN_RTT:
      return CLOVE_RELAY_CHANGED_RTT;
    case CLOVE_RELAY_COLUMN_STATE:
      return CLOVE_RELAY_CHANGED_STATUS;
    case CLOVE_RELAY_COLUMN_NAME:
    case CLOVE_RELAY_COLUMN_ROLES:
    case CLOVE_RELAY_COLUMN_MENU:
    case CLOVE_RELAY_N_COLUMNS:
    default:
      return CLOVE_RELAY_CHANGED_RELAY;
  }
}

static gint
compare_numbers (gint64 a, gint64 b)
{
  return (a > b) - (a < b);
}

/* The unknown goes last in either order. */
static gint
compare_known (gint64 a, gint64 b, gboolean is_reversed)
{
  if (a < 0 || b < 0)
    return (a < 0) - (b < 0);
  return is_reversed ? compare_numbers (b, a) : compare_numbers (a, b);
}

/* The share of failures in millionths, so that the best comes first. */
static gint64
get_failures (CloveRelayItem *item)
{
  const CloveRelayHistory *history = clove_relay_item_get_history (item);
  gint64 n_good = clove_relay_history_get_n_good (history);

  if (history->n_outcomes == 0)
    return -1;
  return (history->n_outcomes - n_good) * 1000000 / history->n_outcomes;
}

static gint64
get_rtt (CloveRelayItem *item)
{
  gint64 rtt_us = clove_relay_item_get_rtt_us (item);

  return rtt_us > 0 ? rtt_us : -1;
}

static gint
compare_states (CloveRelayItem *a, CloveRelayItem *b)
{
  gint by_status = compare_numbers (clove_relay_item_get_status (a),
                                    clove_relay_item_get_status (b));

  if (by_status != 0)
    return by_status;
  return compare_numbers (clove_relay_item_get_place (a)->hop,
                          clove_relay_item_get_place (b)->hop);
}

/**
 * clove_relay_column_compare:
 * @column: by what
 * @is_reversed: the other way round; what is not known stays last
 * @a: a relay
 * @b: another
 *
 * Returns: less than, equal to, or more than 0, as @a is before, with, or behind @b
 */
gint
clove_relay_column_compare (CloveRelayColumn column,
                            gboolean is_reversed,
                            CloveRelayItem *a,
                            CloveRelayItem *b)
{
  gint result = 0;

  switch (column) {
    case CLOVE_RELAY_COLUMN_HISTORY:
      return compare_known (get_failures (a), get_failures (b), is_reversed);
    case CLOVE_RELAY_COLUMN_RTT:
      return compare_known (get_rtt (a), get_rtt (b), is_reversed);
    case CLOVE_RELAY_COLUMN_ROLES:
      result = compare_numbers (clove_relay_item_get_roles (b), clove_relay_item_get_roles (a));
      break;
    case CLOVE_RELAY_COLUMN_STATE:
      result = compare_states (a, b);
      break;
    case CLOVE_RELAY_COLUMN_NAME:
    case CLOVE_RELAY_COLUMN_MENU:
    case CLOVE_RELAY_N_COLUMNS:
    default:
      result = strcmp (clove_relay_item_get_sort_name (a), clove_relay_item_get_sort_name (b));
      break;
  }
  return is_reversed ? -result : result;
}

/**
 * clove_relay_place_child:
 * @parent: a row or header
 * @child: a child of it
 * @place: where, counted from the start of the line; no width hides it
 *
 * Allocate @child, mirrored where text runs from right to left.
 */
void
clove_relay_place_child (GtkWidget *parent, GtkWidget *child, const GdkRectangle *place)
{
  GdkRectangle allocation = *place;
  gint minimum = 0;

  gtk_widget_set_child_visible (child, place->width > 0);
  if (place->width <= 0 || !gtk_widget_get_visible (child))
    return;
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  allocation.width = MAX (allocation.width, minimum);
  if (gtk_widget_get_direction (parent) == GTK_TEXT_DIR_RTL)
    allocation.x = gtk_widget_get_width (parent) - allocation.x - allocation.width;
  gtk_widget_size_allocate (child, &allocation, -1);
}
