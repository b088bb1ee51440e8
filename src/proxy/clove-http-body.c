/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Body framing by RFC 9112, sections 6 and 7. One byte of chunk syntax at a time, one piece of data
 * at a time; nothing is stored, so a chunk may have any size.
 */
#include "config.h"

#include "clove-http-body.h"

/* 16 hexadecimal digits could overflow; 15 are more than any body. */
#define MAX_CHUNK_DIGITS  15
/* Bounds one chunk's line and, together, the trailers. */
#define MAX_LINE_OVERHEAD 1024
#define MAX_TRAILER_SIZE  8192

typedef enum {
  STATE_DATA,
  STATE_SIZE,
  STATE_EXTENSION,
  STATE_SIZE_LF,
  STATE_CHUNK_DATA,
  STATE_CHUNK_CR,
  STATE_CHUNK_LF,
  STATE_TRAILER_START,
  STATE_TRAILER_NAME,
  STATE_TRAILER_VALUE,
  STATE_TRAILER_LF,
  STATE_FINAL_LF,
  STATE_DONE,
  STATE_BROKEN,
} State;

/**
 * clove_http_body_init:
 * @self: a decoder
 * @framing: how the end is found
 * @length: the number of bytes for %CLOVE_HTTP_FRAMING_LENGTH, else ignored
 *
 * Get ready for the first byte after the head.
 */
void
clove_http_body_init (CloveHttpBody *self, CloveHttpFraming framing, guint64 length)
{
  *self = (CloveHttpBody){ .framing = framing, .state = STATE_DATA };
  if (framing == CLOVE_HTTP_FRAMING_CHUNKED)
    self->state = STATE_SIZE;
  else if (framing == CLOVE_HTTP_FRAMING_LENGTH && length > 0)
    self->remaining = length;
  else if (framing == CLOVE_HTTP_FRAMING_UNTIL_END)
    self->remaining = G_MAXUINT64;
  else
    self->state = STATE_DONE;
}

/** clove_http_body_is_done: Tell whether the body is complete. */
gboolean
clove_http_body_is_done (const CloveHttpBody *self)
{
  return self->state == STATE_DONE;
}

static State
on_size_byte (CloveHttpBody *self, guint8 c)
{
  if (g_ascii_isxdigit (c) && self->n_digits < MAX_CHUNK_DIGITS) {
    self->remaining = self->remaining * 16 + (guint64) g_ascii_xdigit_value ((char) c);
    self->n_digits++;
    return STATE_SIZE;
  }
  if (self->n_digits == 0)
    return STATE_BROKEN;
  if (c == '\r')
    return STATE_SIZE_LF;
  return c == ';' ? STATE_EXTENSION : STATE_BROKEN;
}

/* For a chunk extension or a trailer's value: text up to the end of the line. */
static State
on_text_byte (guint8 c, State same, State at_cr)
{
  if (c == '\r')
    return at_cr;
  return (c < 0x20 && c != '\t') || c == 0x7f ? STATE_BROKEN : same;
}

static State
on_size_lf_byte (CloveHttpBody *self, guint8 c)
{
  if (c != '\n')
    return STATE_BROKEN;
  self->n_overhead = 0;
  self->n_digits = 0;
  return self->remaining > 0 ? STATE_CHUNK_DATA : STATE_TRAILER_START;
}

static State
on_trailer_start_byte (guint8 c)
{
  if (c == '\r')
    return STATE_FINAL_LF;
  return clove_http_is_token_char (c) ? STATE_TRAILER_NAME : STATE_BROKEN;
}

static State
on_trailer_name_byte (guint8 c)
{
  if (c == ':')
    return STATE_TRAILER_VALUE;
  return clove_http_is_token_char (c) ? STATE_TRAILER_NAME : STATE_BROKEN;
}

static State
on_syntax_byte (CloveHttpBody *self, guint8 c)
{
  switch ((State) self->state) {
    case STATE_SIZE:
      return on_size_byte (self, c);
    case STATE_EXTENSION:
      return on_text_byte (c, STATE_EXTENSION, STATE_SIZE_LF);
    case STATE_SIZE_LF:
      return on_size_lf_byte (self, c);
    case STATE_CHUNK_CR:
      return c == '\r' ? STATE_CHUNK_LF : STATE_BROKEN;
    case STATE_CHUNK_LF:
      return c == '\n' ? STATE_SIZE : STATE_BROKEN;
    case STATE_TRAILER_START:
      return on_trailer_start_byte (c);
    case STATE_TRAILER_NAME:
      return on_trailer_name_byte (c);
    case STATE_TRAILER_VALUE:
      return on_text_byte (c, STATE_TRAILER_VALUE, STATE_TRAILER_LF);
    case STATE_TRAILER_LF:
      return c == '\n' ? STATE_TRAILER_START : STATE_BROKEN;
    case STATE_FINAL_LF:
      return c == '\n' ? STATE_DONE : STATE_BROKEN;
    case STATE_DATA:
    case STATE_CHUNK_DATA:
    case STATE_DONE:
    case STATE_BROKEN:
    default:
      return STATE_BROKEN;
  }
}

static gboolean
has_too_much_overhead (const CloveHttpBody *self)
{
  gboolean is_in_trailers = self->state >= STATE_TRAILER_START;

  return self->n_overhead > (is_in_trailers ? MAX_TRAILER_SIZE : MAX_LINE_OVERHEAD);
}

static gboolean
is_in_data (const CloveHttpBody *self)
{
  return self->state == STATE_DATA || self->state == STATE_CHUNK_DATA;
}

static void
take_data (CloveHttpBody *self, CloveHttpText *piece)
{
  piece->size = (gsize) MIN (piece->size, self->remaining);
  if (self->framing == CLOVE_HTTP_FRAMING_UNTIL_END)
    return;
  self->remaining -= piece->size;
  if (self->remaining == 0)
    self->state = self->state == STATE_DATA ? STATE_DONE : STATE_CHUNK_CR;
}

/**
 * clove_http_body_feed:
 * @self: a decoder
 * @data: the next bytes
 * @size: their number, may be 0
 * @consumed_out: (out): how many of them were taken
 * @piece_out: (out): data of the body among the bytes taken, borrowed; may be empty
 * @error: status 400
 *
 * Take framing and at most one piece of data. Call again while bytes are left and the result is
 * %CLOVE_HTTP_NEED_MORE. Bytes after the end are never taken.
 */
CloveHttpResult
clove_http_body_feed (CloveHttpBody *self,
                      const guint8 *data,
                      gsize size,
                      gsize *consumed_out,
                      CloveHttpText *piece_out,
                      GError **error)
{
  gsize n_taken = 0;

  *piece_out = (CloveHttpText){ 0 };
  while (n_taken < size && !is_in_data (self) && self->state != STATE_DONE) {
    self->state = on_syntax_byte (self, data[n_taken]);
    self->n_overhead++;
    if (self->state == STATE_BROKEN || has_too_much_overhead (self)) {
      self->state = STATE_BROKEN;
      *consumed_out = n_taken;
      clove_http_refuse_bad ("The chunks of the body are malformed.", error);
      return CLOVE_HTTP_FAILED;
    }
    n_taken++;
  }
  if (n_taken < size && is_in_data (self)) {
    *piece_out = (CloveHttpText){ (const char *) data + n_taken, size - n_taken };
    take_data (self, piece_out);
    n_taken += piece_out->size;
  }
  *consumed_out = n_taken;
  return self->state == STATE_DONE ? CLOVE_HTTP_DONE : CLOVE_HTTP_NEED_MORE;
}
