/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-values.h"

/** clove_proxy_values_set: Replace what is there by copies. */
void
clove_proxy_values_set (CloveProxyValues *self,
                        CloveProxyPlace place,
                        const char *mode,
                        const char *url)
{
  g_autofree char *old_mode = self->mode;
  g_autofree char *old_url = self->url;

  self->place = place;
  self->mode = g_strdup (mode);
  self->url = g_strdup (url);
}

/** clove_proxy_values_clear: Forget what is there. */
void
clove_proxy_values_clear (CloveProxyValues *self)
{
  clove_proxy_values_set (self, CLOVE_PROXY_PLACE_NONE, NULL, NULL);
}

/** clove_proxy_values_equal: Tell whether both say the same, whatever holds them. */
gboolean
clove_proxy_values_equal (const CloveProxyValues *a, const CloveProxyValues *b)
{
  return g_strcmp0 (a->mode, b->mode) == 0 && g_strcmp0 (a->url, b->url) == 0;
}
