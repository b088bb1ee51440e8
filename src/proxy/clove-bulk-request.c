/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads requests as clove-http-upstream.c writes them and writes them anew with a Range. The first
 * piece is asked for under the browser's own conditions, which servers judge before the range (RFC
 * 9110, 13.2.2): it brings 304 or 412 where the whole would. They hold then; the other pieces have
 * one condition only, that nothing has changed since.
 */
#include "config.h"

#include "clove-bulk-request.h"

#include "clove-buffer.h"
#include "clove-http-request.h"

struct _CloveBulkRequest {
  GBytes *original;
  gboolean has_range;
  CloveHttpRange range;
};

static gboolean
has_field (const CloveHttpFields *fields, const char *name)
{
  for (guint i = 0; i < fields->n_items; i++) {
    if (clove_http_text_equals (fields->items[i].name, name))
      return TRUE;
  }
  return FALSE;
}

static gboolean
read_range (CloveBulkRequest *self, const CloveHttpFields *fields)
{
  CloveHttpText value = { 0 };

  /* Without a Range the condition means nothing, and must not begin to mean something. */
  if (!has_field (fields, "range"))
    return !has_field (fields, "if-range");
  self->has_range = TRUE;
  return clove_http_fields_find (fields, "range", &value) &&
         clove_http_range_parse (&self->range, value);
}

/**
 * clove_bulk_request_new:
 * @request: a whole request as it goes to the exit
 *
 * Returns: (transfer full) (nullable): the request; %NULL for one that must go as it is
 */
CloveBulkRequest *
clove_bulk_request_new (GBytes *request)
{
  g_autoptr (CloveBulkRequest) self = NULL;
  CloveHttpRequest parsed = { 0 };
  CloveHttpScan scan = { 0 };
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (request, &size);

  if (size < 4 || memcmp (data, "GET ", 4) != 0 ||
      clove_http_request_parse (&parsed, &scan, data, size, NULL) != CLOVE_HTTP_DONE ||
      parsed.framing != CLOVE_HTTP_FRAMING_NONE || parsed.head_size != size)
    return NULL;
  self = g_new0 (CloveBulkRequest, 1);
  self->original = g_bytes_ref (request);
  self->range.last = -1;
  return read_range (self, &parsed.fields) ? g_steal_pointer (&self) : NULL;
}

/** clove_bulk_request_free: (nullable): Free. */
void
clove_bulk_request_free (CloveBulkRequest *self)
{
  if (self == NULL)
    return;
  g_bytes_unref (self->original);
  g_free (self);
}

/** clove_bulk_request_has_range: Tell whether the browser asked for a part itself. */
gboolean
clove_bulk_request_has_range (const CloveBulkRequest *self)
{
  return self->has_range;
}

/** clove_bulk_request_get_range: Get what is wanted: all from position 0 if nothing was said. */
const CloveHttpRange *
clove_bulk_request_get_range (const CloveBulkRequest *self)
{
  return &self->range;
}

static CloveHttpText
name_of (CloveHttpText line)
{
  CloveHttpText name = { line.data, 0 };

  (void) clove_http_text_find (line, ':', &name.size);
  return name;
}

static gboolean
is_condition (CloveHttpText name)
{
  return clove_http_text_equals (name, "if-match") ||
         clove_http_text_equals (name, "if-none-match") ||
         clove_http_text_equals (name, "if-modified-since") ||
         clove_http_text_equals (name, "if-unmodified-since") ||
         clove_http_text_equals (name, "if-range");
}

static void
append_field (CloveBuffer *out, const char *name, const char *value)
{
  clove_buffer_append_text (out, name);
  clove_buffer_append_text (out, ": ");
  clove_buffer_append_text (out, value);
  clove_buffer_append_text (out, "\r\n");
}

/* @validator: (nullable): for the first piece, which keeps the browser's own conditions */
static GBytes *
format (const CloveBulkRequest *self, const CloveHttpRange *range, const char *validator)
{
  g_auto (CloveBuffer) out = { 0 };
  char value[CLOVE_HTTP_RANGE_SIZE];
  gsize size = 0;
  const char *data = g_bytes_get_data (self->original, &size);
  CloveHttpText lines = { data, size };
  CloveHttpText line = clove_http_take_line (&lines);

  for (; line.size > 0; line = clove_http_take_line (&lines)) {
    if (clove_http_text_equals (name_of (line), "range") ||
        (validator != NULL && is_condition (name_of (line))))
      continue;
    clove_buffer_append (&out, line.data, line.size);
    clove_buffer_append_text (&out, "\r\n");
  }
  clove_http_range_format (range, value);
  append_field (&out, "Range", value);
  if (validator != NULL)
    append_field (&out, "If-Range", validator);
  clove_buffer_append_text (&out, "\r\n");
  return clove_buffer_steal (&out);
}

/** clove_bulk_request_format_first: (transfer full): Ask for @range if that is possible at all. */
GBytes *
clove_bulk_request_format_first (const CloveBulkRequest *self, const CloveHttpRange *range)
{
  return format (self, range, NULL);
}

/**
 * clove_bulk_request_format_piece:
 * @self: a request
 * @range: what to ask for
 * @validator: what tells the representation from others
 *
 * Returns: (transfer full): a request for a part of a representation that is known
 */
GBytes *
clove_bulk_request_format_piece (const CloveBulkRequest *self,
                                 const CloveHttpRange *range,
                                 const char *validator)
{
  return format (self, range, validator);
}
