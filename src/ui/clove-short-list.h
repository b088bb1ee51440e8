/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define CLOVE_SHORT_LIST_MAX_ITEMS 4

/**
 * CloveShortItem:
 * @title: in a few words
 * @subtitle: (nullable): what else there is to know
 * @aside: at the end of the row: a time
 *
 * A row of a short list.
 */
typedef struct {
  char *title;
  char *subtitle;
  char *aside;
} CloveShortItem;

/**
 * CloveShortList:
 *
 * The first few of something, under a heading that leads to the page with all of them.
 *
 * "heading": what they are
 * "page": the page of the window that has all, for win.show-page
 * "empty": what stands there instead of none
 */
#define CLOVE_TYPE_SHORT_LIST (clove_short_list_get_type ())
G_DECLARE_FINAL_TYPE (CloveShortList, clove_short_list, CLOVE, SHORT_LIST, GtkBox)

void clove_short_list_show (CloveShortList *self,
                            const CloveShortItem *items,
                            guint n_items,
                            guint n_more);

void clove_short_item_clear (CloveShortItem *item);

G_END_DECLS
