/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-relay-item.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define CLOVE_RELAY_COLUMNS_PADDING 14
#define CLOVE_RELAY_COLUMNS_GAP     14

typedef enum {
  CLOVE_RELAY_COLUMN_NAME,
  CLOVE_RELAY_COLUMN_ROLES,
  CLOVE_RELAY_COLUMN_HISTORY,
  CLOVE_RELAY_COLUMN_RTT,
  CLOVE_RELAY_COLUMN_STATE,
  CLOVE_RELAY_COLUMN_MENU,
  CLOVE_RELAY_N_COLUMNS,
} CloveRelayColumn;

/**
 * CloveRelayColumns:
 * @is_wide: whether there is room for columns; else a row has two lines and no header
 * @min_width: from which width on there is
 * @char_width: of the widget's font
 * @width: of each column
 * @x: where each column begins, counted from the start of the line
 *
 * Where the columns of the list of relays are: the same in each row and in the header, for a width
 * and a font, whatever the rows say.
 */
typedef struct {
  gboolean is_wide;
  gint min_width;
  gint char_width;
  gint width[CLOVE_RELAY_N_COLUMNS];
  gint x[CLOVE_RELAY_N_COLUMNS];
} CloveRelayColumns;

void clove_relay_columns_init (CloveRelayColumns *self, GtkWidget *widget, gint width);

const char *clove_relay_column_name (CloveRelayColumn column);
gboolean clove_relay_column_parse (CloveRelayColumn *out, const char *name);
CloveRelayChanges clove_relay_column_changes (CloveRelayColumn column);
gint clove_relay_column_compare (CloveRelayColumn column,
                                 gboolean is_reversed,
                                 CloveRelayItem *a,
                                 CloveRelayItem *b);

void clove_relay_place_child (GtkWidget *parent, GtkWidget *child, const GdkRectangle *place);

G_END_DECLS
