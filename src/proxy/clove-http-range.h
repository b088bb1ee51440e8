/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-http-head.h"
#include "clove-http-text.h"

#include <glib.h>

G_BEGIN_DECLS

/* Room for "bytes=" or "bytes ", three numbers and what parts them. */
#define CLOVE_HTTP_RANGE_SIZE 72

/**
 * CloveHttpRange:
 * @first: position of the first byte
 * @last: position of the last one; -1 for whatever is there
 *
 * A part of a representation as a Range field asks for it. Plain value.
 */
typedef struct {
  gint64 first;
  gint64 last;
} CloveHttpRange;

/**
 * CloveHttpContentRange:
 * @first: position of the first byte
 * @last: position of the last one
 * @total: the size of the whole representation; -1 when the server does not know it
 *
 * A part of a representation as a 206 says that it carries it. Plain value.
 */
typedef struct {
  gint64 first;
  gint64 last;
  gint64 total;
} CloveHttpContentRange;

gboolean clove_http_range_parse (CloveHttpRange *out,
                                 CloveHttpText value) G_GNUC_WARN_UNUSED_RESULT;
void clove_http_range_format (const CloveHttpRange *self, char out[static CLOVE_HTTP_RANGE_SIZE]);

gboolean clove_http_content_range_parse (CloveHttpContentRange *out,
                                         CloveHttpText value) G_GNUC_WARN_UNUSED_RESULT;
void clove_http_content_range_format (const CloveHttpContentRange *self,
                                      char out[static CLOVE_HTTP_RANGE_SIZE]);

gboolean clove_http_date_parse (CloveHttpText value,
                                gint64 *seconds_out) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_http_find_validator (const CloveHttpFields *fields, CloveHttpText *validator_out)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
