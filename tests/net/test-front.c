/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything but the threads: a browser's socket, the server, the keeper, a circuit, a localnet,
 * the demo site, in one process under a fake clock.
 */
#include "config.h"

#include "clove-circuit-backend.h"
#include "clove-keeper.h"
#include "clove-server.h"
#include "test-net.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  TestNet net;
  CloveRandom *random;
  CloveBlacklist *blacklist;
  CloveKeeper *keeper;
  CloveServer *server;
  CloveAddress address;
} Front;

/* A browser's connection. @expected tells when the reply is whole. */
typedef struct {
  gint fd;
  GByteArray *read;
  gboolean has_ended;
  gsize n_replies_wanted;
  gboolean has_no_body; /* the replies are to HEAD */
} Browser;

static gboolean
is_ready (gpointer user_data)
{
  return clove_keeper_get_state (user_data) == CLOVE_KEEPER_READY;
}

static void
set_up (Front *front, gconstpointer user_data)
{
  g_autoptr (CloveBackend) backend = NULL;
  g_autoptr (CloveRelayList) relays = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GBytes) json = NULL;

  test_net_set_up (&front->net,
                   GPOINTER_TO_INT (user_data) ? &test_net_reference : &test_net_sound);
  text = clove_localnet_format_directory (front->net.localnet);
  json = g_bytes_new (text, strlen (text));
  relays = clove_relay_list_parse (json, &error);
  g_assert_no_error (error);
  front->random = clove_random_new_seeded (1);
  front->blacklist = clove_blacklist_new (front->net.clock);
  front->keeper = clove_keeper_new (front->net.endpoint, front->net.clock, front->random,
                                    front->blacklist);
  clove_keeper_set_relays (front->keeper, relays);
  clove_keeper_start (front->keeper);
  test_loop_run_until (front->net.clock, is_ready, front->keeper);

  front->server = clove_server_new (front->net.clock);
  backend = clove_circuit_backend_new (front->keeper, front->net.clock);
  clove_server_set_backend (front->server, backend);
  clove_address_init_loopback (&front->address, 0);
  g_assert_true (clove_server_listen (front->server, &front->address, &error));
  g_assert_no_error (error);
  g_assert_true (clove_server_get_address (front->server, &front->address));
}

static void
tear_down (Front *front, gconstpointer user_data)
{
  g_assert_finalize_object (front->server);
  clove_keeper_stop (front->keeper);
  test_loop_settle ();
  g_assert_finalize_object (front->keeper);
  clove_blacklist_unref (front->blacklist);
  clove_random_unref (front->random);
  test_net_tear_down (&front->net);
}

static Browser *
browser_new (Front *front)
{
  Browser *browser = g_new0 (Browser, 1);

  browser->read = g_byte_array_new ();
  browser->n_replies_wanted = 1;
  browser->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (browser->fd, >=, 0);
  if (connect (browser->fd, &front->address.any, front->address.size) != 0)
    g_assert_cmpint (errno, ==, EINPROGRESS);
  return browser;
}

static void
browser_free (Browser *browser)
{
  if (browser == NULL)
    return;
  close (browser->fd);
  g_byte_array_unref (browser->read);
  g_free (browser);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Browser, browser_free)

static void
browser_send (Browser *browser, const char *text)
{
  gsize size = strlen (text);

  g_assert_cmpint (send (browser->fd, text, size, MSG_NOSIGNAL), ==, (gssize) size);
}

static void
browser_read (Browser *browser)
{
  guint8 buffer[65536];
  gssize n = 0;

  while ((n = recv (browser->fd, buffer, sizeof buffer, 0)) > 0)
    g_byte_array_append (browser->read, buffer, (guint) n);
  if (n == 0)
    browser->has_ended = TRUE;
}

/* The size of the first reply in @data, head included; 0 while it is not whole. */
static gsize
reply_size (Browser *browser, const guint8 *data, gsize size)
{
  const guint8 *end = size > 0 ? memmem (data, size, "\r\n\r\n", 4) : NULL;
  g_autofree char *head = NULL;
  const char *length = NULL;
  gsize head_size = 0;

  if (end == NULL)
    return 0;
  head_size = (gsize) (end - data) + 4;
  head = g_ascii_strdown ((const char *) data, (gssize) head_size);
  if (browser->has_no_body || strstr (head, " 204 ") != NULL || strstr (head, " 304 ") != NULL)
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

static gboolean
browser_has_replies (gpointer user_data)
{
  Browser *browser = user_data;
  gsize offset = 0;

  browser_read (browser);
  for (gsize i = 0; i < browser->n_replies_wanted; i++) {
    gsize size = reply_size (browser, browser->read->data + offset, browser->read->len - offset);

    if (size == 0)
      return FALSE;
    offset += size;
  }
  return TRUE;
}

static void
browser_wait (Browser *browser, Front *front)
{
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
}

static const char *
browser_text (Browser *browser)
{
  g_byte_array_append (browser->read, (const guint8 *) "", 1);
  g_byte_array_set_size (browser->read, browser->read->len - 1);
  return (const char *) browser->read->data;
}

static guint
browser_status (Browser *browser)
{
  const char *text = browser_text (browser);

  g_assert_true (g_str_has_prefix (text, "HTTP/1.1 "));
  return (guint) g_ascii_strtoull (text + 9, NULL, 10);
}

static const guint8 *
browser_body (Browser *browser, gsize *size_out)
{
  const guint8 *end = memmem (browser->read->data, browser->read->len, "\r\n\r\n", 4);

  *size_out = browser->read->len - (gsize) (end + 4 - browser->read->data);
  return end + 4;
}

/* Sends @request on a connection of its own and waits for the reply. */
static Browser *
ask (Front *front, const char *request)
{
  Browser *browser = browser_new (front);

  test_loop_settle ();
  browser_send (browser, request);
  browser_wait (browser, front);
  return browser;
}

static Browser *
get (Front *front, const char *path)
{
  g_autofree char *request =
    g_strdup_printf ("GET http://demo.ton%s HTTP/1.1\r\nHost: demo.ton\r\n\r\n", path);

  return ask (front, request);
}

static void
test_sizes (Front *front, gconstpointer user_data)
{
  static const guint sizes[] = { 0, 1, 1000, 5900, 6100, 100 * 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *path = g_strdup_printf ("/bytes/%u", sizes[i]);
    g_autoptr (Browser) browser = get (front, path);
    gsize size = 0;

    g_assert_cmpuint (browser_status (browser), ==, 200);
    (void) browser_body (browser, &size);
    g_assert_cmpuint (size, ==, sizes[i]);
  }
}

static void
test_megabyte (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = get (front, "/bytes/1000000");
  gsize size = 0;

  g_assert_cmpuint (browser_status (browser), ==, 200);
  (void) browser_body (browser, &size);
  g_assert_cmpuint (size, ==, 1000 * 1000);
}

/* The request as the exit gets it has exactly the most bytes that fit, then one more. */
static void
test_largest_request (Front *front, gconstpointer user_data)
{
  static const char format[] = "GET http://demo.ton/headers HTTP/1.1\r\n"
                               "Host: demo.ton\r\nX: %s\r\n\r\n";
  /* Upstream the target loses "http://demo.ton". */
  gsize rest = strlen (format) - strlen ("%s") - strlen ("http://demo.ton");
  gsize padding = CLOVE_STREAM_MAX_REQUEST_SIZE - rest;
  g_autofree char *filler = g_strnfill (padding + 1, 'x');
  g_autofree char *too_large = g_strdup_printf (format, filler);
  g_autofree char *largest = NULL;
  g_autoptr (Browser) refused = ask (front, too_large);
  g_autoptr (Browser) taken = NULL;

  filler[padding] = '\0';
  largest = g_strdup_printf (format, filler);
  taken = ask (front, largest);
  g_assert_cmpuint (browser_status (refused), ==, 413);
  g_assert_cmpuint (browser_status (taken), ==, 200);
}

static void
test_post (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) sized =
    ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\nContent-Length: 11\r\n\r\n"
                "hello there");
  g_autoptr (Browser) chunked =
    ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n");

  g_assert_cmpuint (browser_status (sized), ==, 200);
  g_assert_nonnull (strstr (browser_text (sized), "hello there"));
  g_assert_cmpuint (browser_status (chunked), ==, 200);
  g_assert_nonnull (strstr (browser_text (chunked), "hello there"));
}

static void
test_without_body (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) head = browser_new (front);
  g_autoptr (Browser) no_content = get (front, "/status/204");
  g_autoptr (Browser) not_modified =
    ask (front, "GET http://demo.ton/file/1000 HTTP/1.1\r\nHost: demo.ton\r\n"
                "If-None-Match: *\r\n\r\n");

  head->has_no_body = TRUE;
  head->n_replies_wanted = 2;
  test_loop_settle ();
  /* The connection goes on after replies without body. */
  browser_send (head, "HEAD http://demo.ton/bytes/5000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  browser_send (head, "HEAD http://demo.ton/bytes/5001 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  browser_wait (head, front);
  g_assert_cmpuint (browser_status (head), ==, 200);
  g_assert_cmpuint (browser_status (no_content), ==, 204);
  g_assert_cmpuint (browser_status (not_modified), ==, 304);
}

static void
test_statuses (Front *front, gconstpointer user_data)
{
  static const struct {
    const char *path;
    guint status;
  } cases[] = {
    { "/", 200 },
    { "/redirect", 200 },
    { "/status/404", 404 },
    { "/status/500", 500 },
    { "/slow/3000", 200 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Browser) browser = get (front, cases[i].path);

    g_assert_cmpuint (browser_status (browser), ==, cases[i].status);
  }
}

static void
test_errors (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) missing =
    ask (front, "GET http://no.nx.ton/ HTTP/1.1\r\nHost: no.nx.ton\r\n\r\n");
  g_autoptr (Browser) clear =
    ask (front, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");

  g_assert_cmpuint (browser_status (missing), ==, 502);
  g_assert_nonnull (strstr (browser_text (missing), "DNS resolution failed"));
  g_assert_cmpuint (browser_status (clear), ==, 403);
  /* Page scripts could read it. */
  g_assert_null (strstr (browser_text (missing), "relay1"));
}

static void
test_pipelining (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = browser_new (front);
  g_autoptr (GString) requests = g_string_new (NULL);
  const char *cursor = NULL;

  test_loop_settle ();
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (requests,
                            "GET http://demo.ton/status/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n",
                            400 + i);
  browser->n_replies_wanted = 20;
  browser_send (browser, requests->str);
  browser_wait (browser, front);
  cursor = browser_text (browser);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *line = g_strdup_printf ("HTTP/1.1 %u ", 400 + i);

    cursor = strstr (cursor, line);
    g_assert_nonnull (cursor);
  }
}

static gboolean
have_all_replies (gpointer user_data)
{
  GPtrArray *browsers = user_data;
  gboolean have_all = TRUE;

  for (guint i = 0; i < browsers->len; i++)
    have_all &= browser_has_replies (g_ptr_array_index (browsers, i));
  return have_all;
}

static void
test_many (Front *front, gconstpointer user_data)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  for (guint i = 0; i < 200; i++) {
    g_autofree char *request = g_strdup_printf (
      "GET http://demo.ton/bytes/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n", 500 + i);
    Browser *browser = browser_new (front);

    g_ptr_array_add (browsers, browser);
    test_loop_settle ();
    browser_send (browser, request);
  }
  test_loop_run_until (front->net.clock, have_all_replies, browsers);
  for (guint i = 0; i < browsers->len; i++) {
    gsize size = 0;

    g_assert_cmpuint (browser_status (g_ptr_array_index (browsers, i)), ==, 200);
    (void) browser_body (g_ptr_array_index (browsers, i), &size);
    g_assert_cmpuint (size, ==, 500 + i);
  }
}

/* A browser that leaves in the middle harms nobody. */
static void
test_browser_leaves (Front *front, gconstpointer user_data)
{
  for (guint i = 0; i < 30; i++) {
    g_autoptr (Browser) browser = browser_new (front);

    test_loop_settle ();
    browser_send (browser, "GET http://demo.ton/bytes/50000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
    if (i % 2 == 0)
      test_loop_settle ();
  }
  /* What the exit still sends for them overflows the reference's buffers for a moment. */
  test_loop_settle ();
  clove_clock_advance (front->net.clock, G_USEC_PER_SEC);
  test_loop_settle ();
  {
    g_autoptr (Browser) browser = get (front, "/bytes/1000");

    g_assert_cmpuint (browser_status (browser), ==, 200);
  }
}

/* The exit dies: a GET that waits for it gets its page from the circuit that replaces the dead one,
 * within the bar of 8 s; a POST is never sent twice. */
static void
test_dead_exit (Front *front, gconstpointer user_data)
{
  CloveCircuit *circuit = clove_keeper_get_circuit (front->keeper);
  gint64 start_us = 0;
  g_autoptr (Browser) repeated = NULL;

  test_net_command (&front->net, "kill %s", clove_circuit_get_hop_name (circuit, 2));
  start_us = clove_clock_now_us (front->net.clock);
  repeated = get (front, "/");
  g_assert_cmpuint (browser_status (repeated), ==, 200);
  g_assert_cmpint (clove_clock_now_us (front->net.clock) - start_us, <=, 8 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 2);
}

static void
test_post_is_not_repeated (Front *front, gconstpointer user_data)
{
  CloveCircuit *circuit = clove_keeper_get_circuit (front->keeper);
  g_autofree char *dead = g_strdup (clove_circuit_get_hop_name (circuit, 2));
  g_autoptr (Browser) post = NULL;

  test_net_command (&front->net, "kill %s", dead);
  post = ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                     "Content-Length: 2\r\n\r\nhi");
  g_assert_cmpuint (browser_status (post), ==, 502);
  /* Page scripts could read it. */
  g_assert_null (strstr (browser_text (post), dead));
}

/* A hundred pictures wait when the exit dies: all come, and the counter moves by one at a time. */
static void
test_dead_exit_under_load (Front *front, gconstpointer user_data)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);
  CloveCircuit *circuit = clove_keeper_get_circuit (front->keeper);

  for (guint i = 0; i < 50; i++) {
    g_ptr_array_add (browsers, browser_new (front));
    test_loop_settle ();
  }
  test_net_command (&front->net, "kill %s", clove_circuit_get_hop_name (circuit, 2));
  for (guint i = 0; i < browsers->len; i++)
    browser_send (g_ptr_array_index (browsers, i),
                  "GET http://demo.ton/bytes/2000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  test_loop_run_until (front->net.clock, have_all_replies, browsers);
  for (guint i = 0; i < browsers->len; i++)
    g_assert_cmpuint (browser_status (g_ptr_array_index (browsers, i)), ==, 200);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 2);
}

static void
test_no_circuit (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = NULL;

  clove_keeper_stop (front->keeper);
  browser = get (front, "/");
  g_assert_cmpuint (browser_status (browser), ==, 503);
  g_assert_nonnull (strstr (browser_text (browser), "\r\nRetry-After: "));
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    void (*function) (Front *, gconstpointer);
  } cases[] = {
    { "sizes", test_sizes },
    { "largest-request", test_largest_request },
    { "post", test_post },
    { "without-body", test_without_body },
    { "statuses", test_statuses },
    { "errors", test_errors },
    { "pipelining", test_pipelining },
    { "many", test_many },
    { "browser-leaves", test_browser_leaves },
    { "dead-exit", test_dead_exit },
    { "dead-exit-under-load", test_dead_exit_under_load },
    { "post-is-not-repeated", test_post_is_not_repeated },
    { "no-circuit", test_no_circuit },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *kind = g_strdup_printf ("/clove/front/kind/%s", cases[i].name);
    g_autofree char *reference = g_strdup_printf ("/clove/front/reference/%s", cases[i].name);

    g_test_add (kind, Front, GINT_TO_POINTER (FALSE), set_up, cases[i].function, tear_down);
    g_test_add (reference, Front, GINT_TO_POINTER (TRUE), set_up, cases[i].function, tear_down);
  }
  g_test_add ("/clove/front/kind/megabyte", Front, GINT_TO_POINTER (FALSE), set_up, test_megabyte,
              tear_down);
  return g_test_run ();
}
