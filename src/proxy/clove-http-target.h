/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-request.h"

#include <glib.h>

G_BEGIN_DECLS

/* The longest name of a host, with the final zero. */
#define CLOVE_HTTP_HOST_SIZE 254

/**
 * CloveHttpTargetKind:
 * @CLOVE_HTTP_TARGET_SITE: a TON site
 * @CLOVE_HTTP_TARGET_PAC: this proxy's own PAC file
 *
 * What a request asks for.
 */
typedef enum {
  CLOVE_HTTP_TARGET_SITE,
  CLOVE_HTTP_TARGET_PAC,
} CloveHttpTargetKind;

/**
 * CloveHttpTarget:
 * @kind: site or PAC
 * @host: the site's name: lower-case, without port and final dot
 * @path: path and query, borrowed from the request; without its "/" when that was left out
 *
 * Where a request goes. Plain value.
 */
typedef struct {
  CloveHttpTargetKind kind;
  char host[CLOVE_HTTP_HOST_SIZE];
  CloveHttpText path;
} CloveHttpTarget;

gboolean clove_http_target_resolve (CloveHttpTarget *out,
                                    const CloveHttpRequest *request,
                                    const char *own_address,
                                    GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_http_is_ton_host (const char *host);

G_END_DECLS
