/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-demo-file.h"
#include "clove-demo-site.h"

#include <string.h>

static CloveExitReply *
visit (const char *text)
{
  g_autoptr (CloveExitRequest) request =
    clove_exit_request_parse ((const guint8 *) text, strlen (text), NULL);

  g_test_message ("%s", text);
  g_assert_nonnull (request);
  return clove_demo_site_reply ("demo.ton", request);
}

static const struct {
  const char *method;
  const char *target;
  guint status;
  gssize body_size; /* -1: any but empty */
} statuses[] = {
  { "GET", "/", 200, -1 },
  { "GET", "/?query", 200, -1 },
  { "HEAD", "/", 200, 0 },
  { "POST", "/", 405, -1 },
  { "GET", "/nothing", 404, -1 },
  { "GET", "*", 404, -1 },
  { "GET", "/gallery", 200, -1 },
  { "GET", "/bytes/0", 200, 0 },
  { "GET", "/bytes/1", 200, 1 },
  { "GET", "/bytes/100000", 200, 100000 },
  { "HEAD", "/bytes/100000", 200, 0 },
  { "GET", "/bytes/", 404, -1 },
  { "GET", "/bytes/x", 404, -1 },
  { "GET", "/bytes/-1", 404, -1 },
  { "GET", "/bytes/99999999999999999999", 404, -1 },
  { "GET", "/bytes/50000000", 502, -1 },
  { "GET", "/file/50000000", 502, -1 },
  { "HEAD", "/file/50000000", 200, 0 },
  { "POST", "/file/5", 405, -1 },
  { "GET", "/status/204", 204, 0 },
  { "GET", "/status/304", 304, 0 },
  { "GET", "/status/418", 418, -1 },
  { "GET", "/status/599", 599, -1 },
  { "GET", "/status/100", 404, -1 },
  { "GET", "/status/600", 404, -1 },
  { "GET", "/chunked/0", 200, 0 },
  { "GET", "/chunked/1", 200, 1 },
  { "GET", "/chunked/16384", 200, 16384 },
  { "GET", "/chunked/16000000", 200, 16000000 },
  { "GET", "/chunked/16000001", 404, -1 },
  { "GET", "/chunked/-1", 404, -1 },
  { "GET", "/style.css", 200, -1 },
  { "GET", "/icon.svg", 200, -1 },
  { "GET", "/image/1.svg", 200, -1 },
  { "GET", "/image/99.svg", 200, -1 },
  { "GET", "/image/0.svg", 404, -1 },
  { "GET", "/image/gone-4.svg", 404, -1 },
  { "GET", "/image/", 404, -1 },
  { "GET", "/slow/x", 404, -1 },
  { "GET", "/slow/120001", 404, -1 },
  { "DELETE", "/echo", 405, -1 },
};

static void
test_statuses (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_autofree char *text =
      g_strdup_printf ("%s %s HTTP/1.1\r\n\r\n", statuses[i].method, statuses[i].target);
    g_autoptr (CloveExitReply) reply = visit (text);

    g_assert_cmpuint (reply->status, ==, statuses[i].status);
    if (statuses[i].body_size >= 0)
      g_assert_cmpuint (clove_exit_reply_get_body_size (reply), ==, (gsize) statuses[i].body_size);
    else
      g_assert_cmpuint (clove_exit_reply_get_body_size (reply), >, 0);
  }
}

static void
test_pages (void)
{
  static const char *const relays[] = { "relay1", "relay2", "127.0.0.1" };
  g_autoptr (CloveExitReply) index = visit ("GET / HTTP/1.1\r\n\r\n");
  g_autoptr (CloveExitReply) gallery = visit ("GET /gallery HTTP/1.1\r\n\r\n");
  gsize size = 0;
  const char *html = g_bytes_get_data (index->body, &size);
  guint n_images = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (relays); i++)
    g_assert_null (g_strstr_len (html, (gssize) size, relays[i]));
  html = g_bytes_get_data (gallery->body, &size);
  for (const char *p = html; (p = g_strstr_len (p, (gssize) (html + size - p), "<img")); p++)
    n_images++;
  g_assert_cmpuint (n_images, ==, 20);
}

static void
check_page (const char *accept, const char *target, const char *type, const char *start)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n%s\r\n", target, accept);
  g_autoptr (CloveExitReply) reply = visit (request);
  gsize size = 0;
  const char *text = g_bytes_get_data (reply->body, &size);

  g_assert_cmpstr (clove_exit_headers_get (reply->headers, "Content-Type"), ==, type);
  g_assert_cmpstr (clove_exit_headers_get (reply->headers, "Vary"), ==, "Accept");
  g_assert_true (g_utf8_validate (text, (gssize) size, NULL));
  g_assert_cmpmem (text, MIN (size, strlen (start)), start, strlen (start));
}

static void
test_negotiation (void)
{
  static const char html[] = "text/html; charset=utf-8";
  static const char plain[] = "text/plain; charset=utf-8";
  static const char once[] = "Accept: text/plain, text/html;q=0.5, */*;q=0.1\r\n";
  static const char browser[] = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

  check_page ("", "/", html, "<!DOCTYPE html>");
  check_page (browser, "/", html, "<!DOCTYPE html>");
  check_page ("Accept: */*\r\n", "/", html, "<!DOCTYPE html>");
  check_page ("Accept: text/plain\r\n", "/", plain, "It works.");
  check_page (once, "/", plain, "It works.");
  check_page (once, "/nothing", plain, "There is no such page here.");
  check_page (browser, "/nothing", html, "<!DOCTYPE html>");
}

/* A terminal shows the page as it is: its lines must fit, and name what the site answers to. */
static void
test_plain_page (void)
{
  static const char *const expected[] = {
    "What happened",
    "What to try next",
    "/gallery",
    "/file/N",
    "/bytes/N",
    "/chunked/N",
    "/slow/MS",
    "/status/",
    "/redirect/N",
    "/echo",
  };
  g_autoptr (CloveExitReply) reply = visit ("GET / HTTP/1.1\r\nAccept: text/plain\r\n\r\n");
  g_autofree char *text =
    g_strndup (g_bytes_get_data (reply->body, NULL), g_bytes_get_size (reply->body));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_nonnull (strstr (text, expected[i]));
  for (char **line = lines; *line != NULL; line++)
    g_assert_cmpint (g_utf8_strlen (*line, -1), <, 80);
  g_assert_true (g_str_has_suffix (text, "\n"));
}

static void
test_slow (void)
{
  g_autoptr (CloveExitReply) reply = visit ("GET /slow/1500 HTTP/1.1\r\n\r\n");

  g_assert_cmpint (reply->delay_us, ==, 1500000);
}

static void
test_echo (void)
{
  static const char expected[] = "POST /echo HTTP/1.1\r\nHost: a.ton\r\nX-B: c\r\n\r\nhello";
  g_autoptr (CloveExitReply) reply =
    visit ("POST /echo HTTP/1.1\r\nHost: a.ton\r\nX-B:  c \r\nTransfer-Encoding: chunked\r\n\r\n"
           "5\r\nhello\r\n0\r\n\r\n");

  g_assert_cmpmem (g_bytes_get_data (reply->body, NULL), g_bytes_get_size (reply->body), expected,
                   strlen (expected));
}

/* One file of 1000 bytes, every way to ask for a part of it. */
static void
test_conditions (void)
{
  static const struct {
    const char *headers;
    guint status;
    const char *content_range;
    gsize first;
    gsize size;
  } cases[] = {
    { "", 200, NULL, 0, 1000 },
    { "Range: bytes=10-19\r\n", 206, "bytes 10-19/1000", 10, 10 },
    { "Range: bytes=-5\r\n", 206, "bytes 995-999/1000", 995, 5 },
    { "Range: bytes=0-\r\n", 206, "bytes 0-999/1000", 0, 1000 },
    { "Range: bytes=1000-\r\n", 416, "bytes */1000", 0, 0 },
    { "Range: bytes=9-1\r\n", 200, NULL, 0, 1000 },
    { "Range: bytes=1-2\r\nIf-Range: \"clove-file-1000\"\r\n", 206, "bytes 1-2/1000", 1, 2 },
    { "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n", 200, NULL, 0, 1000 },
    { "Range: bytes=1-2\r\nIf-Range: W/\"clove-file-1000\"\r\n", 200, NULL, 0, 1000 },
    { "Range: bytes=1-2\r\nIf-Range: Thu, 01 Jan 2026 00:00:00 GMT\r\n", 200, NULL, 0, 1000 },
    { "If-None-Match: \"clove-file-1000\"\r\n", 304, NULL, 0, 0 },
    { "If-None-Match: \"x\", W/\"clove-file-1000\"\r\n", 304, NULL, 0, 0 },
    { "If-None-Match: *\r\n", 304, NULL, 0, 0 },
    { "If-None-Match: \"x\"\r\nRange: bytes=0-0\r\n", 206, "bytes 0-0/1000", 0, 1 },
    { "If-Match: \"x\"\r\nRange: bytes=0-0\r\n", 412, NULL, 0, 0 },
    { "If-Match: \"clove-file-1000\"\r\n", 200, NULL, 0, 1000 },
    { "If-Match: W/\"clove-file-1000\"\r\n", 412, NULL, 0, 0 },
  };
  guint8 file[1000] = { 0 };

  clove_demo_file_fill (sizeof file, 0, file, sizeof file);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
      g_strdup_printf ("GET /file/1000 HTTP/1.1\r\n%s\r\n", cases[i].headers);
    g_autoptr (CloveExitReply) reply = visit (text);

    g_assert_cmpuint (reply->status, ==, cases[i].status);
    g_assert_cmpstr (clove_exit_headers_get (reply->headers, "ETag"), ==, "\"clove-file-1000\"");
    g_assert_cmpstr (clove_exit_headers_get (reply->headers, "Content-Range"), ==,
                     cases[i].content_range);
    if (cases[i].size > 0)
      g_assert_cmpmem (g_bytes_get_data (reply->body, NULL), g_bytes_get_size (reply->body),
                       file + cases[i].first, cases[i].size);
  }
}

static void
test_multiple_ranges (void)
{
  g_autoptr (CloveExitReply) reply =
    visit ("GET /file/1000 HTTP/1.1\r\nRange: bytes=0-3,990-\r\n\r\n");
  gsize size = 0;
  const char *body = g_bytes_get_data (reply->body, &size);
  guint8 piece[10] = { 0 };
  const char *at = NULL;

  g_assert_cmpuint (reply->status, ==, 206);
  g_assert_true (g_str_has_prefix (clove_exit_headers_get (reply->headers, "Content-Type"),
                                   "multipart/byteranges; boundary="));
  g_assert_null (clove_exit_headers_get (reply->headers, "Content-Range"));
  at = g_strstr_len (body, (gssize) size, "Content-Range: bytes 990-999/1000\r\n\r\n");
  g_assert_nonnull (at);
  clove_demo_file_fill (1000, 990, piece, sizeof piece);
  at = strstr (at, "\r\n\r\n") + 4;
  g_assert_cmpmem (at, sizeof piece, piece, sizeof piece);
}

/* A large file can be had in pieces only, and the pieces fit each other. */
static void
test_large_file (void)
{
  g_autoptr (CloveExitReply) reply =
    visit ("GET /file/1000000000 HTTP/1.1\r\nRange: bytes=999999990-999999999\r\n\r\n");
  guint8 wide[100] = { 0 };

  clove_demo_file_fill (1000000000, 999999900, wide, sizeof wide);
  g_assert_cmpuint (reply->status, ==, 206);
  g_assert_cmpmem (g_bytes_get_data (reply->body, NULL), g_bytes_get_size (reply->body), wide + 90,
                   10);
}

static void
test_shapes (void)
{
  g_autoptr (CloveExitReply) framed = visit ("GET /cookies HTTP/1.1\r\n\r\n");
  g_autoptr (CloveExitReply) unframed = visit ("GET /cookies HTTP/1.1\r\n\r\n");
  g_autoptr (CloveExitReply) chunked = visit ("GET /chunked/7 HTTP/1.1\r\n\r\n");
  g_autoptr (CloveExitReply) empty = visit ("GET /chunked/0 HTTP/1.1\r\n\r\n");
  g_autoptr (GBytes) framed_bytes = clove_exit_reply_format (framed, CLOVE_EXIT_REPLY_FRAMED);
  g_autoptr (GBytes) unframed_bytes = clove_exit_reply_format (unframed, CLOVE_EXIT_REPLY_UNFRAMED);
  g_autoptr (GBytes) chunked_bytes = clove_exit_reply_format (chunked, CLOVE_EXIT_REPLY_FRAMED);
  g_autoptr (GBytes) empty_bytes = clove_exit_reply_format (empty, CLOVE_EXIT_REPLY_FRAMED);
  static const char expected_framed[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 22\r\n"
    "Set-Cookie: first=1; Path=/\r\nSet-Cookie: second=2; Path=/\r\n\r\nTwo cookies were set.\n";
  static const char expected_unframed[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Set-Cookie: second=2; Path=/\r\nConnection: close\r\n\r\nTwo cookies were set.\n";
  static const char expected_chunked[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
    "\r\n7\r\nOne lin\r\n0\r\n\r\n";
  static const char expected_empty[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
    "\r\n0\r\n\r\n";

  g_assert_cmpmem (g_bytes_get_data (framed_bytes, NULL), g_bytes_get_size (framed_bytes),
                   expected_framed, strlen (expected_framed));
  g_assert_cmpmem (g_bytes_get_data (unframed_bytes, NULL), g_bytes_get_size (unframed_bytes),
                   expected_unframed, strlen (expected_unframed));
  g_assert_cmpmem (g_bytes_get_data (chunked_bytes, NULL), g_bytes_get_size (chunked_bytes),
                   expected_chunked, strlen (expected_chunked));
  g_assert_cmpmem (g_bytes_get_data (empty_bytes, NULL), g_bytes_get_size (empty_bytes),
                   expected_empty, strlen (expected_empty));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/demo-site/statuses", test_statuses);
  g_test_add_func ("/clove/localnet/demo-site/pages", test_pages);
  g_test_add_func ("/clove/localnet/demo-site/negotiation", test_negotiation);
  g_test_add_func ("/clove/localnet/demo-site/plain-page", test_plain_page);
  g_test_add_func ("/clove/localnet/demo-site/slow", test_slow);
  g_test_add_func ("/clove/localnet/demo-site/echo", test_echo);
  g_test_add_func ("/clove/localnet/demo-site/conditions", test_conditions);
  g_test_add_func ("/clove/localnet/demo-site/multiple-ranges", test_multiple_ranges);
  g_test_add_func ("/clove/localnet/demo-site/large-file", test_large_file);
  g_test_add_func ("/clove/localnet/demo-site/shapes", test_shapes);
  return g_test_run ();
}
