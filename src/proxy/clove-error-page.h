/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-buffer.h"

#include <glib.h>

G_BEGIN_DECLS

/* What Retry-After says while there is no circuit. */
#define CLOVE_ERROR_PAGE_RETRY_S 5

/**
 * CloveErrorPage:
 * @status: the status code
 * @detail: (nullable): a sentence about this very request, or the exit's own words
 * @is_site_error: whether @detail is the exit's words about a site that it cannot reach
 * @is_text: whether the page is plain text rather than HTML
 * @can_reload: whether the browser may ask for the same again without harm, as after a GET
 * @is_head_only: whether the body is left out, after a HEAD
 * @closes: whether the connection ends with this reply
 * @is_http10: whether the browser speaks HTTP/1.0
 *
 * A reply of the proxy's own.
 */
typedef struct {
  guint status;
  const char *detail;
  gboolean is_site_error;
  gboolean is_text;
  gboolean can_reload;
  gboolean is_head_only;
  gboolean closes;
  gboolean is_http10;
} CloveErrorPage;

void clove_error_page_format (const CloveErrorPage *self, CloveBuffer *out);

G_END_DECLS
