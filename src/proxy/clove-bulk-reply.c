/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What replies to requests for pieces say. The first one is judged; what follows must be of the
 * very same representation, or the browser would get a mixture of two.
 */
#include "config.h"

#include "clove-bulk-reply.h"

#include "clove-bulk-plan.h"

#include <string.h>

/* What must not differ between pieces of one representation. */
static const char *const identity_names[] = {
  "etag",
  "last-modified",
  "content-type",
  "content-encoding",
};

struct _CloveBulkSource {
  char *validator;                                 /* NULL without one */
  GBytes *identity[G_N_ELEMENTS (identity_names)]; /* empty without one; a value may have NULs */
  gint64 total;
};

/** clove_bulk_end_of: Get the position behind the last byte that is wanted of @total. */
gint64
clove_bulk_end_of (const CloveBulkRequest *request, gint64 total)
{
  const CloveHttpRange *range = clove_bulk_request_get_range (request);

  return range->last >= 0 ? MIN (range->last + 1, total) : total;
}

/** clove_bulk_has_size: Tell whether the body has the size of @content, as far as can be told. */
gboolean
clove_bulk_has_size (const CloveHttpResponse *response,
                     gint64 reply_size,
                     const CloveHttpContentRange *content)
{
  gint64 size = content->last - content->first + 1;

  switch (response->framing) {
    case CLOVE_HTTP_FRAMING_LENGTH:
      return response->content_length == size;
    case CLOVE_HTTP_FRAMING_UNTIL_END:
      return reply_size < 0 || reply_size - (gint64) response->head_size == size;
    case CLOVE_HTTP_FRAMING_CHUNKED:
      return TRUE;
    case CLOVE_HTTP_FRAMING_NONE:
    default:
      return FALSE;
  }
}

static gboolean
find_validator (const CloveHttpResponse *response, CloveHttpText *validator_out)
{
  return clove_http_find_validator (&response->fields, validator_out) &&
         validator_out->size <= CLOVE_BULK_MAX_VALIDATOR_SIZE;
}

static gboolean
is_usable (const CloveBulkRequest *request,
           const CloveHttpRange *asked,
           const CloveHttpContentRange *content)
{
  gint64 end = clove_bulk_end_of (request, content->total);

  if (content->total < 0 || content->first != asked->first || content->first >= end ||
      content->last - content->first >= CLOVE_BULK_MAX_HELD)
    return FALSE;
  return content->last <= asked->last || content->last + 1 == end;
}

/**
 * clove_bulk_judge:
 * @request: what the browser wants
 * @asked: the part of it that was asked for
 * @response: the head of the reply
 * @reply_size: the size of the whole reply; -1 if it is not known
 * @content_out: (out): for %CLOVE_BULK_PIECES: what the reply carries
 *
 * Returns: what to do with the reply
 */
CloveBulkVerdict
clove_bulk_judge (const CloveBulkRequest *request,
                  const CloveHttpRange *asked,
                  const CloveHttpResponse *response,
                  gint64 reply_size,
                  CloveHttpContentRange *content_out)
{
  CloveHttpText value = { 0 };
  CloveHttpText validator = { 0 };

  if (response->status == 416 && !clove_bulk_request_has_range (request))
    return CLOVE_BULK_ASK_PLAINLY; /* nothing is there: an empty page has no first byte */
  if (response->status != 206)
    return CLOVE_BULK_AS_IS;
  if (!clove_http_fields_find (&response->fields, "content-range", &value) ||
      !clove_http_content_range_parse (content_out, value) ||
      !is_usable (request, asked, content_out) ||
      !clove_bulk_has_size (response, reply_size, content_out))
    return CLOVE_BULK_CANNOT;
  if (content_out->last + 1 < clove_bulk_end_of (request, content_out->total) &&
      !find_validator (response, &validator))
    return CLOVE_BULK_CANNOT;
  return CLOVE_BULK_PIECES;
}

static char *
dup_text (CloveHttpText text)
{
  return text.size > 0 ? g_strndup (text.data, text.size) : NULL;
}

/** clove_bulk_source_new: (transfer full): Note what a first piece says of its representation. */
CloveBulkSource *
clove_bulk_source_new (const CloveHttpResponse *response, const CloveHttpContentRange *content)
{
  CloveBulkSource *self = g_new0 (CloveBulkSource, 1);
  CloveHttpText value = { 0 };

  if (find_validator (response, &value))
    self->validator = dup_text (value);
  for (guint i = 0; i < G_N_ELEMENTS (identity_names); i++) {
    (void) clove_http_fields_find (&response->fields, identity_names[i], &value);
    self->identity[i] = g_bytes_new (value.data, value.size);
  }
  self->total = content->total;
  return self;
}

/** clove_bulk_source_free: (nullable): Free. */
void
clove_bulk_source_free (CloveBulkSource *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (identity_names); i++)
    g_bytes_unref (self->identity[i]);
  g_free (self->validator);
  g_free (self);
}

/** clove_bulk_source_get_validator: (nullable): Get what to send as If-Range. */
const char *
clove_bulk_source_get_validator (const CloveBulkSource *self)
{
  return self->validator;
}

/** clove_bulk_source_matches: Tell whether a reply is a part of this very representation. */
gboolean
clove_bulk_source_matches (const CloveBulkSource *self,
                           const CloveHttpResponse *response,
                           const CloveHttpContentRange *content)
{
  if (content->total != self->total)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (identity_names); i++) {
    CloveHttpText value = { 0 };
    gsize size = 0;
    const char *wanted = g_bytes_get_data (self->identity[i], &size);

    (void) clove_http_fields_find (&response->fields, identity_names[i], &value);
    if (value.size != size || (size > 0 && memcmp (value.data, wanted, size) != 0))
      return FALSE;
  }
  return TRUE;
}

static void
remove_field (CloveHttpFields *fields, const char *name)
{
  guint n_kept = 0;

  for (guint i = 0; i < fields->n_items; i++) {
    if (!clove_http_text_equals (fields->items[i].name, name))
      fields->items[n_kept++] = fields->items[i];
  }
  fields->n_items = n_kept;
}

/**
 * clove_bulk_format_head:
 * @request: what the browser wants
 * @response: the head of the first piece; changed
 * @total: the size of the representation
 * @out: where to write
 *
 * Write the head that the browser would have got in one go.
 */
void
clove_bulk_format_head (const CloveBulkRequest *request,
                        CloveHttpResponse *response,
                        gint64 total,
                        CloveBuffer *out)
{
  gint64 first = clove_bulk_request_get_range (request)->first;
  CloveHttpContentRange content = { first, clove_bulk_end_of (request, total) - 1, total };
  CloveHttpDelivery delivery = {
    .framing = CLOVE_HTTP_FRAMING_LENGTH,
    .length = content.last - content.first + 1,
  };
  char value[CLOVE_HTTP_RANGE_SIZE];

  clove_http_content_range_format (&content, value);
  remove_field (&response->fields, "content-range");
  if (clove_bulk_request_has_range (request)) {
    clove_http_fields_add (&response->fields,
                           (CloveHttpText){ "Content-Range", strlen ("Content-Range") },
                           (CloveHttpText){ value, strlen (value) });
  } else {
    response->status = 200;
    response->reason = (CloveHttpText){ "OK", strlen ("OK") };
  }
  clove_http_response_format (response, &delivery, out);
}

/** clove_bulk_begin_body: Prepare to take exactly @content out of the reply. */
void
clove_bulk_begin_body (CloveHttpBody *body,
                       const CloveHttpResponse *response,
                       const CloveHttpContentRange *content)
{
  gboolean is_chunked = response->framing == CLOVE_HTTP_FRAMING_CHUNKED;

  clove_http_body_init (body,
                        is_chunked ? CLOVE_HTTP_FRAMING_CHUNKED : CLOVE_HTTP_FRAMING_LENGTH,
                        (guint64) (content->last - content->first + 1));
}
