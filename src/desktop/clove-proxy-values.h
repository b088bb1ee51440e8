/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveProxyPlace:
 * @CLOVE_PROXY_PLACE_NONE: the file did not exist
 * @CLOVE_PROXY_PLACE_FILE: it existed without the group
 * @CLOVE_PROXY_PLACE_GROUP: it existed with the group; and always so where there is no file
 *
 * What was there to hold the values.
 */
typedef enum {
  CLOVE_PROXY_PLACE_NONE,
  CLOVE_PROXY_PLACE_FILE,
  CLOVE_PROXY_PLACE_GROUP,
} CloveProxyPlace;

/**
 * CloveProxyValues:
 * @place: what holds them
 * @mode: (nullable): how a proxy is chosen, in the desktop's own words; %NULL for unset, which is
 *   not the same as set to the default
 * @url: (nullable): where the automatic configuration is; %NULL for unset
 *
 * What the user set, word for word.
 */
typedef struct {
  CloveProxyPlace place;
  char *mode;
  char *url;
} CloveProxyValues;

void clove_proxy_values_set (CloveProxyValues *self,
                             CloveProxyPlace place,
                             const char *mode,
                             const char *url);
void clove_proxy_values_clear (CloveProxyValues *self);
gboolean clove_proxy_values_equal (const CloveProxyValues *a, const CloveProxyValues *b);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CloveProxyValues, clove_proxy_values_clear)

G_END_DECLS
