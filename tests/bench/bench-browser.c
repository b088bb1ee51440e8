/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-browser.h"

#include "bench-timing.h"
#include "clove-http-response.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE 65536

/** bench_browser_init: Make ready for pages with the body @expected, which must outlive @self. */
void
bench_browser_init (BenchBrowser *self, GBytes *expected)
{
  self->fd = -1;
  self->expected = g_bytes_get_data (expected, &self->expected_size);
}

static void
disconnect (BenchBrowser *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/** bench_browser_clear: Close the connection and free what was read. */
void
bench_browser_clear (BenchBrowser *self)
{
  disconnect (self);
  clove_buffer_clear (&self->input);
}

/* What may still come on this connection would be taken for the next reply. */
static void
end (BenchBrowser *self, BenchBrowserState state, const char *problem)
{
  self->state = state;
  self->problem = problem;
  if (state != BENCH_BROWSER_GOOD || self->closes)
    disconnect (self);
}

/** bench_browser_give_up: The reply did not end in time. */
void
bench_browser_give_up (BenchBrowser *self)
{
  end (self, BENCH_BROWSER_FAILED,
       self->has_head ? "the body did not end in time" : "no reply in time");
}

static gboolean
connect_to (BenchBrowser *self, const CloveAddress *proxy)
{
  gint on = 1;

  if (self->fd >= 0)
    return TRUE;
  self->fd = socket (proxy->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* Loopback connects at once; only then must nothing block. */
  if (self->fd >= 0 && connect (self->fd, &proxy->any, proxy->size) == 0 &&
      fcntl (self->fd, F_SETFL, O_NONBLOCK) == 0 &&
      setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0)
    return TRUE;
  disconnect (self);
  return FALSE;
}

/**
 * bench_browser_ask:
 * @self: a browser that is not busy
 * @proxy: where to connect unless connected
 * @request: a complete request
 *
 * Send a request. The browser is busy afterwards, or has failed.
 */
void
bench_browser_ask (BenchBrowser *self, const CloveAddress *proxy, const char *request)
{
  gsize size = strlen (request);

  self->began_ns = bench_now_ns ();
  self->state = BENCH_BROWSER_BUSY;
  self->has_head = self->closes = FALSE;
  self->n_compared = 0;
  clove_buffer_clear (&self->input);
  if (!connect_to (self, proxy))
    end (self, BENCH_BROWSER_FAILED, "cannot connect");
  else if (send (self->fd, request, size, MSG_NOSIGNAL) != (gssize) size)
    end (self, BENCH_BROWSER_FAILED, "cannot send");
}

/* Returns whether there may be more to do. */
static gboolean
read_head (BenchBrowser *self)
{
  CloveHttpResponse response = { 0 };

  switch (clove_http_response_parse (&response, FALSE, clove_buffer_get_data (&self->input),
                                     clove_buffer_get_size (&self->input), NULL)) {
    case CLOVE_HTTP_DONE:
      break;
    case CLOVE_HTTP_NEED_MORE:
      return FALSE;
    case CLOVE_HTTP_FAILED:
    default:
      end (self, BENCH_BROWSER_FAILED, "the head of the reply is malformed");
      return FALSE;
  }
  if (response.status != 200) {
    end (self, BENCH_BROWSER_FAILED,
         response.status == 502 ? "status 502" : "another status than 200 and 502");
    return FALSE;
  }
  self->has_head = TRUE;
  self->closes = clove_http_fields_has_connection_option (&response.fields, "close") ||
                 response.framing == CLOVE_HTTP_FRAMING_UNTIL_END;
  clove_http_body_init (&self->body, response.framing, (guint64) MAX (response.content_length, 0));
  clove_buffer_consume (&self->input, response.head_size);
  return TRUE;
}

static gboolean
compare (BenchBrowser *self, CloveHttpText piece)
{
  if (piece.size > self->expected_size - self->n_compared ||
      (piece.size > 0 && memcmp (self->expected + self->n_compared, piece.data, piece.size) != 0)) {
    end (self, BENCH_BROWSER_WRONG, "the body differs from the site's");
    return FALSE;
  }
  self->n_compared += piece.size;
  return TRUE;
}

static void
end_body (BenchBrowser *self)
{
  if (self->n_compared < self->expected_size)
    end (self, BENCH_BROWSER_WRONG, "the body passes for whole, but bytes are missing");
  else if (clove_buffer_get_size (&self->input) > 0)
    end (self, BENCH_BROWSER_WRONG, "bytes behind the reply");
  else
    end (self, BENCH_BROWSER_GOOD, NULL);
}

static void
read_body (BenchBrowser *self)
{
  while (!clove_http_body_is_done (&self->body)) {
    CloveHttpText piece = { 0 };
    gsize consumed = 0;

    if (clove_http_body_feed (&self->body, clove_buffer_get_data (&self->input),
                              clove_buffer_get_size (&self->input), &consumed, &piece,
                              NULL) == CLOVE_HTTP_FAILED) {
      end (self, BENCH_BROWSER_FAILED, "the framing of the body is malformed");
      return;
    }
    if (!compare (self, piece))
      return;
    clove_buffer_consume (&self->input, consumed);
    if (consumed == 0 && !clove_http_body_is_done (&self->body))
      return;
  }
  end_body (self);
}

/* A body without length ends with its connection; any other is cut short by that. */
static void
end_input (BenchBrowser *self)
{
  if (!self->has_head)
    end (self, BENCH_BROWSER_FAILED, "the connection ended without a reply");
  else if (self->body.framing == CLOVE_HTTP_FRAMING_UNTIL_END &&
           self->n_compared == self->expected_size)
    end (self, BENCH_BROWSER_GOOD, NULL);
  else
    end (self, BENCH_BROWSER_FAILED, "the body was cut short");
}

/** bench_browser_read: Take what has arrived; the state tells what became of the request. */
void
bench_browser_read (BenchBrowser *self)
{
  while (self->state == BENCH_BROWSER_BUSY) {
    guint8 *room = clove_buffer_reserve (&self->input, READ_SIZE);
    gssize n_read = recv (self->fd, room, READ_SIZE, 0);

    if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (n_read <= 0) {
      end_input (self);
      return;
    }
    clove_buffer_commit (&self->input, (gsize) n_read);
    if (self->has_head || read_head (self))
      read_body (self);
    if (n_read < READ_SIZE)
      return;
  }
}
