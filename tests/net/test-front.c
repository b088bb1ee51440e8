/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything but the threads: a browser's socket, the server, the keeper, a circuit, a localnet,
 * the demo site, in one process under a fake clock.
 */
#include "config.h"

#include "clove-stream.h"
#include "front.h"

#include <string.h>

static void
test_sizes (Front *front, gconstpointer user_data)
{
  static const guint sizes[] = { 0, 1, 1000, 5900, 6100, 100 * 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *path = g_strdup_printf ("/bytes/%u", sizes[i]);
    g_autoptr (Browser) browser = front_get (front, path);
    gsize size = 0;

    g_assert_cmpuint (browser_get_status (browser), ==, 200);
    (void) browser_get_body (browser, &size);
    g_assert_cmpuint (size, ==, sizes[i]);
  }
}

static void
test_megabyte (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = front_get (front, "/bytes/1000000");
  gsize size = 0;

  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  (void) browser_get_body (browser, &size);
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
  g_autoptr (Browser) refused = front_ask (front, too_large);
  g_autoptr (Browser) taken = NULL;

  filler[padding] = '\0';
  largest = g_strdup_printf (format, filler);
  taken = front_ask (front, largest);
  g_assert_cmpuint (browser_get_status (refused), ==, 413);
  g_assert_cmpuint (browser_get_status (taken), ==, 200);
}

static void
assert_echo (Browser *browser, gboolean has_body)
{
  g_assert_cmpuint (browser_get_status (browser), ==, 200);
  g_assert_nonnull (strstr (browser_get_text (browser), "POST /echo"));
  g_assert_cmpint (strstr (browser_get_text (browser), "hello there") != NULL, ==, has_body);
}

/* The reference hands no body on, and the site's reply does not tell (src/proxy/README.md,
 * "Uploads"). */
static void
test_post (Front *front, gconstpointer user_data)
{
  const FrontOptions *options = user_data;
  g_autoptr (Browser) sized =
    front_ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                      "Content-Length: 11\r\n\r\n"
                      "hello there");
  g_autoptr (Browser) chunked =
    front_ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n");

  g_autoptr (Browser) empty = front_ask (front, "POST http://demo.ton/echo HTTP/1.1\r\n"
                                                "Host: demo.ton\r\nContent-Length: 0\r\n\r\n");

  assert_echo (sized, !options->plays_reference);
  assert_echo (chunked, !options->plays_reference);
  assert_echo (empty, FALSE);
}

static void
test_without_body (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) head = browser_new (&front->address);
  g_autoptr (Browser) no_content = front_get (front, "/status/204");
  g_autoptr (Browser) not_modified =
    front_ask (front, "GET http://demo.ton/file/1000 HTTP/1.1\r\nHost: demo.ton\r\n"
                      "If-None-Match: *\r\n\r\n");

  head->has_no_body = TRUE;
  head->n_replies_wanted = 2;
  test_loop_settle ();
  /* The connection goes on after replies without body. */
  browser_send (head, "HEAD http://demo.ton/bytes/5000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  browser_send (head, "HEAD http://demo.ton/bytes/5001 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  test_loop_run_until (front->net.clock, browser_has_replies, head);
  g_assert_cmpuint (browser_get_status (head), ==, 200);
  g_assert_cmpuint (browser_get_status (no_content), ==, 204);
  g_assert_cmpuint (browser_get_status (not_modified), ==, 304);
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
    g_autoptr (Browser) browser = front_get (front, cases[i].path);

    g_assert_cmpuint (browser_get_status (browser), ==, cases[i].status);
  }
}

static void
test_errors (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) missing =
    front_ask (front, "GET http://no.nx.ton/ HTTP/1.1\r\nHost: no.nx.ton\r\n\r\n");
  g_autoptr (Browser) clear =
    front_ask (front, "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n");

  g_assert_cmpuint (browser_get_status (missing), ==, 502);
  g_assert_nonnull (strstr (browser_get_text (missing), "DNS resolution failed"));
  g_assert_cmpuint (browser_get_status (clear), ==, 403);
  /* Page scripts could read it. */
  g_assert_null (strstr (browser_get_text (missing), "relay1"));
}

static void
test_pipelining (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = browser_new (&front->address);
  g_autoptr (GString) requests = g_string_new (NULL);
  const char *cursor = NULL;

  test_loop_settle ();
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (requests,
                            "GET http://demo.ton/status/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n",
                            400 + i);
  browser->n_replies_wanted = 20;
  browser_send (browser, requests->str);
  test_loop_run_until (front->net.clock, browser_has_replies, browser);
  cursor = browser_get_text (browser);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *line = g_strdup_printf ("HTTP/1.1 %u ", 400 + i);

    cursor = strstr (cursor, line);
    g_assert_nonnull (cursor);
  }
}

static void
test_many (Front *front, gconstpointer user_data)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  for (guint i = 0; i < 200; i++) {
    g_autofree char *request = g_strdup_printf (
      "GET http://demo.ton/bytes/%u HTTP/1.1\r\nHost: demo.ton\r\n\r\n", 500 + i);
    Browser *browser = browser_new (&front->address);

    g_ptr_array_add (browsers, browser);
    test_loop_settle ();
    browser_send (browser, request);
  }
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  for (guint i = 0; i < browsers->len; i++) {
    gsize size = 0;

    g_assert_cmpuint (browser_get_status (g_ptr_array_index (browsers, i)), ==, 200);
    (void) browser_get_body (g_ptr_array_index (browsers, i), &size);
    g_assert_cmpuint (size, ==, 500 + i);
  }
}

/* A browser that leaves in the middle harms nobody. */
static void
test_browser_leaves (Front *front, gconstpointer user_data)
{
  for (guint i = 0; i < 30; i++) {
    g_autoptr (Browser) browser = browser_new (&front->address);

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
    g_autoptr (Browser) browser = front_get (front, "/bytes/1000");

    g_assert_cmpuint (browser_get_status (browser), ==, 200);
  }
}

/* The exit dies: a GET that waits for it gets its page from the circuit that replaces the dead one,
 * within the bar of 8 s; a POST is never sent twice. */
static void
test_dead_exit (Front *front, gconstpointer user_data)
{
  gint64 start_us = 0;
  g_autoptr (Browser) repeated = NULL;

  test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
  start_us = clove_clock_now_us (front->net.clock);
  repeated = front_get (front, "/");
  g_assert_cmpuint (browser_get_status (repeated), ==, 200);
  g_assert_cmpint (clove_clock_now_us (front->net.clock) - start_us, <=, 8 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 2);
}

static void
test_post_is_not_repeated (Front *front, gconstpointer user_data)
{
  g_autofree char *dead = g_strdup (front_get_hop (front, 2));
  g_autoptr (Browser) post = NULL;

  test_net_command (&front->net, "kill %s", dead);
  post = front_ask (front, "POST http://demo.ton/echo HTTP/1.1\r\nHost: demo.ton\r\n"
                           "Content-Length: 2\r\n\r\nhi");
  g_assert_cmpuint (browser_get_status (post), ==, 502);
  /* Page scripts could read it. */
  g_assert_null (strstr (browser_get_text (post), dead));
}

/* A hundred pictures wait when the exit dies: all come, and the counter moves by one at a time. */
static void
test_dead_exit_under_load (Front *front, gconstpointer user_data)
{
  g_autoptr (GPtrArray) browsers = g_ptr_array_new_with_free_func ((GDestroyNotify) browser_free);

  for (guint i = 0; i < 50; i++) {
    g_ptr_array_add (browsers, browser_new (&front->address));
    test_loop_settle ();
  }
  test_net_command (&front->net, "kill %s", front_get_hop (front, 2));
  for (guint i = 0; i < browsers->len; i++)
    browser_send (g_ptr_array_index (browsers, i),
                  "GET http://demo.ton/bytes/2000 HTTP/1.1\r\nHost: demo.ton\r\n\r\n");
  test_loop_run_until (front->net.clock, front_have_all_replies, browsers);
  for (guint i = 0; i < browsers->len; i++)
    g_assert_cmpuint (browser_get_status (g_ptr_array_index (browsers, i)), ==, 200);
  g_assert_cmpuint (clove_keeper_get_generation (front->keeper), ==, 2);
}

static void
test_no_circuit (Front *front, gconstpointer user_data)
{
  g_autoptr (Browser) browser = NULL;

  clove_keeper_stop (front->keeper);
  browser = front_get (front, "/");
  g_assert_cmpuint (browser_get_status (browser), ==, 503);
  g_assert_nonnull (strstr (browser_get_text (browser), "\r\nRetry-After: "));
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

    g_test_add (kind, Front, &front_sound, front_set_up, cases[i].function, front_tear_down);
    g_test_add (reference, Front, &front_reference, front_set_up, cases[i].function,
                front_tear_down);
  }
  g_test_add ("/clove/front/kind/megabyte", Front, &front_sound, front_set_up, test_megabyte,
              front_tear_down);
  return g_test_run ();
}
