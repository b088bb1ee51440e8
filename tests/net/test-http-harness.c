/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "test-http-harness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A test that waits longer than this has failed. */
#define DEADLINE_US TEST_SECONDS (20)

static void
on_request (const CloveRequestRecord *record, gpointer user_data)
{
  TestProxy *self = user_data;

  self->record = *record;
  g_strlcpy (self->record_host, record->host, sizeof self->record_host);
  g_strlcpy (self->record_method, record->method, sizeof self->record_method);
  self->n_records++;
}

void
test_proxy_init (TestProxy *self)
{
  CloveAddress address = { 0 };
  g_autoptr (GError) error = NULL;

  *self = (TestProxy){ 0 };
  self->clock = clove_clock_new_fake ();
  self->backend = test_backend_new (self->clock);
  self->server = clove_server_new (self->clock);
  clove_server_set_backend (self->server, CLOVE_BACKEND (self->backend));
  clove_server_set_request_func (self->server, on_request, self);
  clove_address_init_loopback (&address, 0);
  g_assert_true (clove_server_listen (self->server, &address, &error));
  g_assert_no_error (error);
  g_assert_true (clove_server_get_address (self->server, &address));
  self->port = clove_address_get_port (&address);
}

/* Everything must be gone: no reference and no exchange may be left over. */
void
test_proxy_clear (TestProxy *self)
{
  g_assert_finalize_object (self->server);
  g_assert_cmpuint (test_backend_get_n_alive (self->backend), ==, 0);
  g_assert_finalize_object (self->backend);
  g_clear_pointer (&self->clock, clove_clock_unref);
}

/* Do what is to be done now. */
void
test_proxy_settle (TestProxy *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
test_proxy_advance (TestProxy *self, gint64 interval_us)
{
  test_proxy_settle (self);
  clove_clock_advance (self->clock, interval_us);
  test_proxy_settle (self);
}

CloveServerStatistics
test_proxy_count (TestProxy *self)
{
  CloveServerStatistics statistics = { 0 };

  clove_server_get_statistics (self->server, &statistics);
  return statistics;
}

static void
check_deadline (gint64 start_us)
{
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, DEADLINE_US);
}

void
test_proxy_wait_connections (TestProxy *self, guint n_connections)
{
  gint64 start_us = g_get_monotonic_time ();

  while (test_proxy_count (self).n_connections != n_connections) {
    check_deadline (start_us);
    g_main_context_iteration (NULL, FALSE);
  }
}

static void
client_init (TestClient *self, TestProxy *proxy, int buffer_size)
{
  CloveAddress address = { 0 };

  *self = (TestClient){ .read = g_string_new (NULL) };
  self->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (self->fd, >=, 0);
  if (buffer_size > 0)
    g_assert_cmpint (
      setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size), ==, 0);
  clove_address_init_loopback (&address, proxy->port);
  if (connect (self->fd, &address.any, address.size) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
}

void
test_client_init (TestClient *self, TestProxy *proxy)
{
  client_init (self, proxy, 0);
}

/* One that takes few bytes unread. */
void
test_client_init_small (TestClient *self, TestProxy *proxy)
{
  client_init (self, proxy, 4096);
}

void
test_client_clear (TestClient *self)
{
  if (self->read == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  g_string_free (g_steal_pointer (&self->read), TRUE);
}

void
test_client_send_bytes (TestClient *self, TestProxy *proxy, const char *data, gsize size)
{
  gint64 start_us = g_get_monotonic_time ();

  while (size > 0) {
    gssize n_sent = send (self->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);

    check_deadline (start_us);
    /* It may be answered and closed before it is all sent. */
    if (n_sent < 0 && (errno == EPIPE || errno == ECONNRESET))
      return;
    if (n_sent > 0) {
      data += n_sent;
      size -= (gsize) n_sent;
    }
    test_proxy_settle (proxy);
  }
}

void
test_client_send (TestClient *self, TestProxy *proxy, const char *text)
{
  test_client_send_bytes (self, proxy, text, strlen (text));
}

void
test_client_end (TestClient *self)
{
  g_assert_cmpint (shutdown (self->fd, SHUT_WR), ==, 0);
}

/* Returns whether something came. */
gboolean
test_client_read_some (TestClient *self)
{
  char buffer[16384];
  gssize n_read = recv (self->fd, buffer, sizeof buffer, MSG_DONTWAIT);

  if (n_read > 0)
    g_string_append_len (self->read, buffer, n_read);
  if (n_read == 0)
    self->has_ended = TRUE;
  if (n_read < 0 && errno == ECONNRESET)
    self->has_ended = self->was_reset = TRUE;
  return n_read > 0;
}

void
test_client_wait_size (TestClient *self, TestProxy *proxy, gsize size)
{
  gint64 start_us = g_get_monotonic_time ();

  while (self->read->len < size) {
    check_deadline (start_us);
    g_assert_false (self->has_ended);
    test_proxy_settle (proxy);
    test_client_read_some (self);
  }
}

void
test_client_wait_end (TestClient *self, TestProxy *proxy)
{
  gint64 start_us = g_get_monotonic_time ();

  while (!self->has_ended) {
    check_deadline (start_us);
    test_proxy_settle (proxy);
    test_client_read_some (self);
  }
}

static gsize
wait_head (TestClient *self, TestProxy *proxy)
{
  const char *end = NULL;

  while ((end = strstr (self->read->str, "\r\n\r\n")) == NULL)
    test_client_wait_size (self, proxy, self->read->len + 1);
  return (gsize) (end + 4 - self->read->str);
}

static void
take (TestClient *self, gsize size, GString *out)
{
  if (out != NULL)
    g_string_append_len (out, self->read->str, (gssize) size);
  g_string_erase (self->read, 0, (gssize) size);
}

static void
wait_chunks (TestClient *self, TestProxy *proxy, GString *body_out)
{
  for (;;) {
    gsize size = 0;
    char *end = NULL;

    while ((end = strstr (self->read->str, "\r\n")) == NULL)
      test_client_wait_size (self, proxy, self->read->len + 1);
    size = (gsize) strtoull (self->read->str, NULL, 16);
    take (self, (gsize) (end + 2 - self->read->str), NULL);
    test_client_wait_size (self, proxy, size + 2);
    take (self, size, body_out);
    g_assert_true (g_str_has_prefix (self->read->str, "\r\n"));
    take (self, 2, NULL);
    if (size == 0)
      return;
  }
}

/* Waits for the next whole reply and takes it; returns its status. Not for replies to HEAD. */
int
test_client_wait_reply (TestClient *self, TestProxy *proxy, GString *body_out)
{
  gsize head_size = wait_head (self, proxy);
  g_autofree char *head = g_strndup (self->read->str, head_size);
  const char *length = strstr (head, "\r\nContent-Length: ");
  int status = (int) g_ascii_strtoll (head + strlen ("HTTP/1.1 "), NULL, 10);

  take (self, head_size, NULL);
  if (strstr (head, "\r\nTransfer-Encoding: chunked\r\n") != NULL) {
    g_assert_null (length);
    wait_chunks (self, proxy, body_out);
  } else if (length != NULL) {
    gsize size = (gsize) strtoull (length + strlen ("\r\nContent-Length: "), NULL, 10);

    test_client_wait_size (self, proxy, size);
    take (self, size, body_out);
  }
  return status;
}

/* Nothing comes, and the connection stays open. */
void
test_client_assert_silent (TestClient *self, TestProxy *proxy)
{
  test_proxy_settle (proxy);
  g_assert_false (test_client_read_some (self));
  g_assert_false (self->has_ended);
}
