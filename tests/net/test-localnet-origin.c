/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an exit makes of a real web server behind it. Real sockets and the real clock. */
#include "config.h"

#include "clove-exit-fetch.h"
#include "test-loop.h"

#include <libsoup/soup.h>
#include <string.h>

typedef struct {
  GMainLoop *loop;
  CloveClock *clock;
  SoupServer *server;
  CloveOrigin *origin;
  guint port;
  CloveExitReply *reply;
} Fixture;

static void
reply_text (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
}

static void
reply_echo (SoupServerMessage *message, GHashTable *query)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *text = g_strdup_printf (
    "%s host=%s agent=%s referer=%s query=%s body=%s", soup_server_message_get_method (message),
    soup_message_headers_get_one (headers, "Host"),
    soup_message_headers_get_one (headers, "User-Agent"),
    soup_message_headers_get_one (headers, "Referer"),
    query != NULL ? (const char *) g_hash_table_lookup (query, "q") : "-",
    body->length > 0 ? body->data : "-");

  reply_text (message, 200, text);
}

static void
reply_redirect (SoupServerMessage *message, guint status, const char *location)
{
  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Location",
                                location);
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  Fixture *f = user_data;
  g_autofree char *own = g_strdup_printf ("http://127.0.0.1:%u/echo", f->port);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (strcmp (path, "/echo") == 0) {
    reply_echo (message, query);
  } else if (strcmp (path, "/relative") == 0) {
    reply_redirect (message, 302, "echo?q=moved");
  } else if (strcmp (path, "/own") == 0) {
    reply_redirect (message, 307, own);
  } else if (strcmp (path, "/see-other") == 0) {
    reply_redirect (message, 303, "http://other.ton/echo");
  } else if (strcmp (path, "/https") == 0) {
    reply_redirect (message, 302, "https://demo.ton/");
  } else if (strcmp (path, "/outside") == 0) {
    reply_redirect (message, 302, "http://192.0.2.1/");
  } else if (strcmp (path, "/loop") == 0) {
    reply_redirect (message, 302, "/loop");
  } else if (strcmp (path, "/gzip") == 0) {
    soup_message_headers_replace (headers, "Content-Encoding", "gzip");
    reply_text (message, 200, "not really gzip");
  } else if (strcmp (path, "/chunked") == 0) {
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
    reply_text (message, 200, "in chunks");
    soup_message_body_complete (soup_server_message_get_response_body (message));
  } else if (strcmp (path, "/cookies") == 0) {
    soup_message_headers_append (headers, "Set-Cookie", "a=1");
    soup_message_headers_append (headers, "Set-Cookie", "b=2");
    reply_text (message, 200, "cookies");
  } else {
    reply_text (message, 404, "nothing");
  }
}

static void
set_up (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GSList *uris = NULL;

  f->loop = g_main_loop_new (NULL, FALSE);
  f->clock = clove_clock_new (NULL);
  f->server = soup_server_new ("server-header", NULL, NULL);
  soup_server_add_handler (f->server, NULL, on_request, f, NULL);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (f->server);
  f->port = (guint) g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  text = g_strdup_printf ("localhost:%u", f->port);
  f->origin = clove_origin_new (text, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  soup_server_disconnect (f->server);
  g_object_unref (f->server);
  test_loop_settle ();
  g_assert_finalize_object (f->origin);
  test_loop_settle ();
  clove_clock_unref (f->clock);
  g_main_loop_unref (f->loop);
}

static void
on_reply (CloveExitReply *reply, gpointer user_data)
{
  Fixture *f = user_data;

  f->reply = reply;
  g_main_loop_quit (f->loop);
}

static void
on_too_late (gpointer user_data)
{
  Fixture *f = user_data;

  g_test_message ("no reply within 20 s");
  g_main_loop_quit (f->loop);
}

static CloveExitReply *
fetch (Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;
  CloveExitRequest *request =
    clove_exit_request_parse ((const guint8 *) text, strlen (text), &error);
  CloveExitFetch *fetching = NULL;
  CloveTimer limit = { 0 };

  g_assert_no_error (error);
  clove_timer_init (&limit, f->clock, on_too_late, f);
  clove_timer_start (&limit, 20 * G_USEC_PER_SEC);
  fetching = clove_exit_fetch_new (f->clock, f->origin, "site.ton", request, on_reply, f);
  g_main_loop_run (f->loop);
  clove_timer_stop (&limit);
  clove_exit_fetch_free (fetching);
  g_assert_nonnull (f->reply);
  return g_steal_pointer (&f->reply);
}

static void
test_new_destroy (void)
{
  static const char *const bad[] = { "", "127.0.0.1", "example.com:80", "192.0.2.1:80", ":80" };
  CloveOrigin *origin = clove_origin_new ("127.0.0.1:8000", NULL);

  g_assert_true (clove_origin_is_at (origin, "127.0.0.1", 8000));
  g_assert_true (clove_origin_is_at (origin, "localhost", 8000));
  g_assert_false (clove_origin_is_at (origin, "127.0.0.1", 8001));
  g_assert_false (clove_origin_is_at (origin, "demo.ton", 8000));
  g_assert_finalize_object (origin);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (clove_origin_new (bad[i], &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  }
}

static void
test_replies (Fixture *f, gconstpointer user_data)
{
  static const struct {
    const char *request;
    guint status;
    const char *body;
  } cases[] = {
    { "GET /echo?q=1 HTTP/1.1\r\nUser-Agent: me\r\nHost: x.ton\r\n\r\n", 200,
      "GET host=site.ton agent=me referer=(null) query=1 body=-" },
    { "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200,
      "POST host=site.ton agent=(null) referer=(null) query=- body=abc" },
    { "GET /none HTTP/1.1\r\n\r\n", 404, "nothing" },
    { "GET /relative HTTP/1.1\r\n\r\n", 200,
      "GET host=site.ton agent=(null) referer=http://site.ton/relative query=moved body=-" },
    { "POST /own HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", 200,
      "POST host=site.ton agent=(null) referer=http://site.ton/own query=- body=hi" },
    { "POST /see-other HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", 200,
      "GET host=other.ton agent=(null) referer=http://site.ton/see-other query=- body=-" },
    { "GET /https HTTP/1.1\r\n\r\n", 502, "RLDP Error: unsupported protocol scheme \"https\"" },
    { "GET /outside HTTP/1.1\r\n\r\n", 502, "RLDP Error: invalid domain format" },
    { "GET /loop HTTP/1.1\r\n\r\n", 502, "RLDP Error: stopped after 10 redirects" },
    { "GET /gzip HTTP/1.1\r\nAccept-Encoding: gzip\r\n\r\n", 200, "not really gzip" },
    { "HEAD /echo HTTP/1.1\r\n\r\n", 200, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveExitReply) reply = fetch (f, cases[i].request);

    g_test_message ("%s", cases[i].request);
    g_assert_cmpuint (reply->status, ==, cases[i].status);
    g_assert_cmpmem (reply->body != NULL ? g_bytes_get_data (reply->body, NULL) : NULL,
                     clove_exit_reply_get_body_size (reply), cases[i].body,
                     strlen (cases[i].body));
  }
}

static void
test_framing (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveExitReply) chunked = fetch (f, "GET /chunked HTTP/1.1\r\n\r\n");
  g_autoptr (CloveExitReply) cookies = fetch (f, "GET /cookies HTTP/1.1\r\n\r\n");
  g_autoptr (GBytes) bytes = clove_exit_reply_format (chunked, CLOVE_EXIT_REPLY_FRAMED);
  static const char end[] = "\r\n\r\n9\r\nin chunks\r\n0\r\n\r\n";
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  g_assert_cmpmem (data + size - strlen (end), strlen (end), end, strlen (end));
  g_assert_cmpuint (clove_exit_headers_count (cookies->headers, "Set-Cookie"), ==, 2);
  g_assert_cmpstr (clove_exit_headers_get (cookies->headers, "Content-Length"), ==, "7");
}

static void
test_dead (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveExitReply) reply = NULL;

  soup_server_disconnect (f->server);
  reply = fetch (f, "GET /echo HTTP/1.1\r\n\r\n");
  g_assert_cmpuint (reply->status, ==, 502);
  g_assert_nonnull (
    g_strstr_len (g_bytes_get_data (reply->body, NULL), 12, "RLDP Error: "));
}

/* A fetch that is given up never calls back and leaks nothing. */
static void
test_given_up (Fixture *f, gconstpointer user_data)
{
  static const char text[] = "GET /echo HTTP/1.1\r\n\r\n";

  for (guint i = 0; i < 3; i++) {
    CloveExitFetch *fetching = clove_exit_fetch_new (
      f->clock, f->origin, "site.ton",
      clove_exit_request_parse ((const guint8 *) text, strlen (text), NULL), on_reply, f);

    for (guint n = 0; n < i; n++)
      g_main_context_iteration (NULL, FALSE);
    clove_exit_fetch_free (fetching);
  }
  test_loop_settle ();
  g_assert_null (f->reply);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/origin/new-destroy", test_new_destroy);
  g_test_add ("/clove/localnet/origin/replies", Fixture, NULL, set_up, test_replies, tear_down);
  g_test_add ("/clove/localnet/origin/framing", Fixture, NULL, set_up, test_framing, tear_down);
  g_test_add ("/clove/localnet/origin/dead", Fixture, NULL, set_up, test_dead, tear_down);
  g_test_add ("/clove/localnet/origin/given-up", Fixture, NULL, set_up, test_given_up, tear_down);
  return g_test_run ();
}
