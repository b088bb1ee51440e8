/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-upstream.h"

#define BODY_FIELD    "Transfer-Encoding: chunked\r\n"
#define LAST_CHUNK    "0\r\n\r\n"
/* The only length that real exits hand on and still bring the reply back (src/proxy/README.md,
 * "Uploads"). */
#define NO_BODY_FIELD "Content-Length: 0\r\n"

static void
append (CloveHttpUpstream *self, CloveHttpText text)
{
  clove_buffer_append (&self->buffer, text.data, text.size);
}

static void
write_first_line (CloveHttpUpstream *self,
                  const CloveHttpRequest *request,
                  const CloveHttpTarget *target)
{
  append (self, request->method);
  clove_buffer_append_text (&self->buffer, " ");
  if (target->path.size == 0 || target->path.data[0] != '/')
    clove_buffer_append_text (&self->buffer, "/");
  append (self, target->path);
  clove_buffer_append_text (&self->buffer, " HTTP/1.1\r\nHost: ");
  clove_buffer_append_text (&self->buffer, target->host);
  clove_buffer_append_text (&self->buffer, "\r\n");
}

static guint
count_hex_digits (gsize number)
{
  guint n_digits = 1;

  for (; number > 15; number /= 16)
    n_digits++;
  return n_digits;
}

/* The size of the finished request if its body had @body_size bytes. */
static gsize
size_with_body (const CloveHttpUpstream *self, gsize body_size)
{
  gsize size = self->head_size + (self->has_body ? strlen (LAST_CHUNK) : 0);

  return body_size == 0 ? size : size + count_hex_digits (body_size) + body_size + 4;
}

static gboolean
fits (const CloveHttpUpstream *self, guint64 body_size)
{
  return body_size <= self->max_size && size_with_body (self, (gsize) body_size) <= self->max_size;
}

/* Sites may insist on a length where the method is about a body; where it is not, none is said. */
static gboolean
says_no_body (const CloveHttpRequest *request)
{
  return request->framing == CLOVE_HTTP_FRAMING_LENGTH && request->content_length == 0 &&
         !clove_http_text_equals (request->method, "get") &&
         !clove_http_text_equals (request->method, "head");
}

/**
 * clove_http_upstream_begin:
 * @self: zeroed or cleared
 * @request: what the browser sent
 * @target: the site it is for
 * @max_size: the most bytes that the finished request may have
 *
 * Write the head: origin-form, Host first, without what is not to be sent on.
 *
 * Returns: whether the request can fit, its body counted as far as its size is known
 */
gboolean
clove_http_upstream_begin (CloveHttpUpstream *self,
                           const CloveHttpRequest *request,
                           const CloveHttpTarget *target,
                           gsize max_size)
{
  self->max_size = max_size;
  self->has_body =
    request->framing == CLOVE_HTTP_FRAMING_CHUNKED || request->content_length > 0;
  clove_buffer_reserve (&self->buffer, request->head_size + sizeof target->host);
  write_first_line (self, request, target);
  for (guint i = 0; i < request->fields.n_items; i++) {
    if (!clove_http_fields_goes_upstream (&request->fields, i))
      continue;
    append (self, request->fields.items[i].name);
    clove_buffer_append_text (&self->buffer, ": ");
    append (self, request->fields.items[i].value);
    clove_buffer_append_text (&self->buffer, "\r\n");
  }
  if (self->has_body)
    clove_buffer_append_text (&self->buffer, BODY_FIELD);
  else if (says_no_body (request))
    clove_buffer_append_text (&self->buffer, NO_BODY_FIELD);
  clove_buffer_append_text (&self->buffer, "\r\n");
  self->head_size = clove_buffer_get_size (&self->buffer);
  return fits (self, request->content_length);
}

/** clove_http_upstream_append: Add a piece of the body; %FALSE when the request grows too large. */
gboolean
clove_http_upstream_append (CloveHttpUpstream *self, CloveHttpText piece)
{
  if (!fits (self, clove_buffer_get_size (&self->buffer) - self->head_size + piece.size))
    return FALSE;
  append (self, piece);
  return TRUE;
}

/** clove_http_upstream_finish: (transfer full): Get the request; @self is empty afterwards. */
GBytes *
clove_http_upstream_finish (CloveHttpUpstream *self)
{
  gsize body_size = clove_buffer_get_size (&self->buffer) - self->head_size;
  g_auto (CloveBuffer) whole = { 0 };
  const guint8 *data = clove_buffer_get_data (&self->buffer);

  if (!self->has_body)
    return clove_buffer_steal (&self->buffer);

  clove_buffer_reserve (&whole, size_with_body (self, body_size));
  clove_buffer_append (&whole, data, self->head_size);
  if (body_size > 0) {
    clove_buffer_append_number (&whole, body_size, 16);
    clove_buffer_append_text (&whole, "\r\n");
    clove_buffer_append (&whole, data + self->head_size, body_size);
    clove_buffer_append_text (&whole, "\r\n");
  }
  clove_buffer_append_text (&whole, LAST_CHUNK);
  clove_http_upstream_clear (self);
  return clove_buffer_steal (&whole);
}

/** clove_http_upstream_clear: Drop an unfinished request. */
void
clove_http_upstream_clear (CloveHttpUpstream *self)
{
  clove_buffer_clear (&self->buffer);
  *self = (CloveHttpUpstream){ 0 };
}
