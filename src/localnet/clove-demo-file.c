/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of any size whose bytes follow from size and position, so that a test can check any piece
 * of them without keeping the whole. Conditional and range requests by RFC 9110, 13 and 14.
 */
#include "config.h"

#include "clove-demo-file.h"

#include "clove-exit-range.h"

#include <string.h>

#define FILE_TYPE "application/octet-stream"
/* Cannot occur in the ranges by accident: they would have to hold this very text. */
#define BOUNDARY  "clove-demo-5f2c9a71"

static guint64
mix (guint64 value)
{
  value = (value ^ value >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ value >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return value ^ value >> 31;
}

/**
 * clove_demo_file_fill:
 * @total_size: which file
 * @offset: from where in it
 * @out: (out): its bytes
 * @size: how many
 *
 * Compute a piece of the file that `/file/N` and `/bytes/N` serve for N = @total_size.
 */
void
clove_demo_file_fill (guint64 total_size, guint64 offset, guint8 *out, gsize size)
{
  guint64 seed = mix (total_size + 1);
  guint64 word = mix (seed + offset / 8);

  for (gsize i = 0; i < size; i++) {
    guint64 position = offset + i;

    if (position % 8 == 0)
      word = mix (seed + position / 8);
    out[i] = (guint8) (word >> (position % 8 * 8) & 0xff);
  }
}

static CloveExitReply *
too_large (guint64 size)
{
  return clove_exit_reply_new_failure ("a reply of %" G_GUINT64_FORMAT
                                       " bytes does not fit one message",
                                       size);
}

static GBytes *
piece (guint64 total_size, guint64 offset, gsize size)
{
  guint8 *data = g_malloc (MAX (size, 1));

  clove_demo_file_fill (total_size, offset, data, size);
  return g_bytes_new_take (data, size);
}

/** clove_demo_file_reply_plain: (transfer full): The whole file, from a server without ranges. */
CloveExitReply *
clove_demo_file_reply_plain (guint64 total_size)
{
  if (total_size > CLOVE_EXIT_MAX_BODY_SIZE)
    return too_large (total_size);
  return clove_exit_reply_new (200, FILE_TYPE, piece (total_size, 0, (gsize) total_size));
}

static char *
content_range (const CloveExitRange *range, guint64 total_size)
{
  return g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                          range->first, range->last, total_size);
}

static CloveExitReply *
reply_single (const CloveExitRange *range, guint64 total_size)
{
  gsize size = (gsize) (range->last - range->first + 1);
  g_autofree char *position = content_range (range, total_size);
  CloveExitReply *reply =
    clove_exit_reply_new (206, FILE_TYPE, piece (total_size, range->first, size));

  clove_exit_headers_add (reply->headers, "Content-Range", position);
  return reply;
}

static CloveExitReply *
reply_multiple (const CloveExitRange *ranges, guint n_ranges, guint64 total_size)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  static const char end[] = "--" BOUNDARY "--\r\n";

  for (guint i = 0; i < n_ranges; i++) {
    gsize size = (gsize) (ranges[i].last - ranges[i].first + 1);
    g_autofree char *position = content_range (&ranges[i], total_size);
    g_autofree char *head = g_strdup_printf (
      "--" BOUNDARY "\r\nContent-Type: " FILE_TYPE "\r\nContent-Range: %s\r\n\r\n", position);
    guint at = 0;

    g_byte_array_append (body, (const guint8 *) head, (guint) strlen (head));
    at = body->len;
    g_byte_array_set_size (body, at + (guint) size);
    clove_demo_file_fill (total_size, ranges[i].first, body->data + at, size);
    g_byte_array_append (body, (const guint8 *) "\r\n", 2);
  }
  g_byte_array_append (body, (const guint8 *) end, sizeof end - 1);
  return clove_exit_reply_new (206, "multipart/byteranges; boundary=" BOUNDARY,
                               g_byte_array_free_to_bytes (g_steal_pointer (&body)));
}

/* Whether a list of entity tags names ours; weak comparison takes W/"x" for "x". */
static gboolean
etag_matches (const char *list, const char *etag, gboolean is_weak)
{
  g_auto (GStrv) tags = NULL;

  if (list == NULL)
    return FALSE;
  tags = g_strsplit (list, ",", 64);
  for (char **tag = tags; *tag != NULL; tag++) {
    const char *text = g_strstrip (*tag);

    if (is_weak && g_str_has_prefix (text, "W/"))
      text += 2;
    if (strcmp (text, "*") == 0 || strcmp (text, etag) == 0)
      return TRUE;
  }
  return FALSE;
}

static CloveExitReply *
reply_ranges (const CloveExitRequest *request, guint64 total_size, const char *etag)
{
  const char *value = clove_exit_headers_get (request->headers, "Range");
  const char *condition = clove_exit_headers_get (request->headers, "If-Range");
  CloveExitRange ranges[CLOVE_EXIT_MAX_RANGES] = { 0 };
  guint n_ranges = 0;
  guint64 wanted = 0;
  CloveExitReply *reply = NULL;
  g_autofree char *unsatisfied = NULL;

  if (strcmp (request->method, "GET") != 0 ||
      (condition != NULL && strcmp (condition, etag) != 0))
    value = NULL;
  switch (clove_exit_range_parse (value, total_size, ranges, &n_ranges)) {
    case CLOVE_EXIT_RANGE_UNSATISFIABLE:
      reply = clove_exit_reply_new_text (416, "Nothing of that range exists.\n");
      unsatisfied = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, total_size);
      clove_exit_headers_add (reply->headers, "Content-Range", unsatisfied);
      return reply;
    case CLOVE_EXIT_RANGE_PARTIAL:
      for (guint i = 0; i < n_ranges; i++)
        wanted += ranges[i].last - ranges[i].first + 1;
      if (wanted > CLOVE_EXIT_MAX_BODY_SIZE)
        return too_large (wanted);
      return n_ranges == 1 ? reply_single (&ranges[0], total_size)
                           : reply_multiple (ranges, n_ranges, total_size);
    case CLOVE_EXIT_RANGE_NONE:
    default:
      return clove_demo_file_reply_plain (total_size);
  }
}

/* The head alone, for files that would be too large to make. */
static CloveExitReply *
reply_head (guint64 total_size)
{
  CloveExitReply *reply = clove_exit_reply_new (200, FILE_TYPE, NULL);
  g_autofree char *length = g_strdup_printf ("%" G_GUINT64_FORMAT, total_size);

  clove_exit_headers_add (reply->headers, "Content-Length", length);
  return reply;
}

/**
 * clove_demo_file_reply:
 * @request: GET or HEAD
 * @total_size: which file
 *
 * Returns: (transfer full): the file, a part of it, or that it has not changed
 */
CloveExitReply *
clove_demo_file_reply (const CloveExitRequest *request, guint64 total_size)
{
  g_autofree char *etag = g_strdup_printf ("\"clove-file-%" G_GUINT64_FORMAT "\"", total_size);
  const char *match = clove_exit_headers_get (request->headers, "If-Match");
  CloveExitReply *reply = NULL;

  if (match != NULL && !etag_matches (match, etag, FALSE))
    reply = clove_exit_reply_new_text (412, "The file is another one.\n");
  else if (etag_matches (clove_exit_headers_get (request->headers, "If-None-Match"), etag, TRUE))
    reply = clove_exit_reply_new (304, NULL, NULL);
  else if (strcmp (request->method, "HEAD") == 0)
    reply = reply_head (total_size);
  else
    reply = reply_ranges (request, total_size, etag);
  if (reply->status != 502) {
    clove_exit_headers_add (reply->headers, "ETag", etag);
    clove_exit_headers_add (reply->headers, "Accept-Ranges", "bytes");
  }
  return reply;
}
