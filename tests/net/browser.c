/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "browser.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* Whatever is there is read before anything else happens, so that no reply waits for a reader
 * while the fake time passes. */
static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  Browser *self = user_data;
  guint8 buffer[65536];
  gssize n = 0;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    g_byte_array_append (self->read, buffer, (guint) n);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  self->has_ended = TRUE;
  return G_SOURCE_REMOVE;
}

/** browser_new: (transfer full): Connect to @proxy. */
Browser *
browser_new (const CloveAddress *proxy)
{
  Browser *self = g_new0 (Browser, 1);

  self->read = g_byte_array_new ();
  self->n_replies_wanted = 1;
  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (self->fd, >=, 0);
  if (connect (self->fd, &proxy->any, proxy->size) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

/** browser_free: (nullable): Close the connection, whatever is under way. */
void
browser_free (Browser *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  g_byte_array_unref (self->read);
  g_free (self);
}

/** browser_send: Send @text, which fits the socket's buffer. */
void
browser_send (Browser *self, const char *text)
{
  gsize size = strlen (text);

  g_assert_cmpint (send (self->fd, text, size, MSG_NOSIGNAL), ==, (gssize) size);
}

/* The size of the first reply in @data, head included; 0 while it is not whole. */
static gsize
reply_size (Browser *self, const guint8 *data, gsize size)
{
  const guint8 *end = size > 0 ? memmem (data, size, "\r\n\r\n", 4) : NULL;
  g_autofree char *head = NULL;
  const char *length = NULL;
  gsize head_size = 0;

  if (end == NULL)
    return 0;
  head_size = (gsize) (end - data) + 4;
  head = g_ascii_strdown ((const char *) data, (gssize) head_size);
  if (self->has_no_body || strstr (head, " 204 ") != NULL || strstr (head, " 304 ") != NULL)
    return head_size;
  length = strstr (head, "\r\ncontent-length: ");
  if (length != NULL) {
    gsize whole = head_size + (gsize) g_ascii_strtoull (length + 18, NULL, 10);

    return whole <= size ? whole : 0;
  }
  g_assert_nonnull (strstr (head, "\r\ntransfer-encoding: chunked\r\n"));
  end = memmem (data + head_size, size - head_size, "0\r\n\r\n", 5);
  return end != NULL ? (gsize) (end - data) + 5 : 0;
}

/** browser_has_replies: A TestCondition: all replies that are wanted are there, and whole. */
gboolean
browser_has_replies (gpointer user_data)
{
  Browser *self = user_data;
  gsize offset = 0;

  for (gsize i = 0; i < self->n_replies_wanted; i++) {
    gsize size = reply_size (self, self->read->data + offset, self->read->len - offset);

    if (size == 0)
      return FALSE;
    offset += size;
  }
  return TRUE;
}

/** browser_is_done: A TestCondition: nothing more will come. */
gboolean
browser_is_done (gpointer user_data)
{
  Browser *self = user_data;

  return self->has_ended || browser_has_replies (self);
}

/** browser_get_text: (transfer none): Get all that came as text. */
const char *
browser_get_text (Browser *self)
{
  g_byte_array_append (self->read, (const guint8 *) "", 1);
  g_byte_array_set_size (self->read, self->read->len - 1);
  return (const char *) self->read->data;
}

/** browser_get_status: Get the first reply's status. */
guint
browser_get_status (Browser *self)
{
  const char *text = browser_get_text (self);

  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 "));
  return (guint) g_ascii_strtoull (text + 9, NULL, 10);
}

/** browser_get_body: (transfer none): Get what came behind the first head. */
const guint8 *
browser_get_body (Browser *self, gsize *size_out)
{
  const guint8 *end = memmem (self->read->data, self->read->len, "\r\n\r\n", 4);

  *size_out = self->read->len - (gsize) (end + 4 - self->read->data);
  return end + 4;
}
