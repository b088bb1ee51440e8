/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-request.h"

#define ABSOLUTE "GET http://demo.ton/ HTTP/1.1\r\n"
#define HOST     "Host: demo.ton\r\n"

typedef struct {
  const char *name;
  const char *head;
  int status;
} BadCase;

static const BadCase bad_cases[] = {
  { "http-0.9", "GET /\r\n", 400 },
  { "http-0.9-named", "GET / HTTP/0.9\r\n", 505 },
  { "http-1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", 505 },
  { "http-2-preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
  { "http-3", "GET / HTTP/3.0\r\n", 505 },
  { "version-lower", "GET / http/1.1\r\n", 400 },
  { "version-short", "GET / HTTP/1\r\n", 400 },
  { "version-long", "GET / HTTP/1.10\r\n", 400 },
  { "version-trailing-space", "GET / HTTP/1.1 \r\n", 400 },
  { "no-target", "GET  HTTP/1.1\r\n", 400 },
  { "no-spaces", "GET\r\n", 400 },
  { "leading-space", " GET / HTTP/1.1\r\n", 400 },
  { "two-spaces", "GET  / HTTP/1.1\r\n", 400 },
  { "tab-between", "GET\t/ HTTP/1.1\r\n", 400 },
  { "space-in-target", "GET /a b HTTP/1.1\r\n", 400 },
  { "empty-method", " / HTTP/1.1\r\n", 400 },
  { "method-with-colon", "GE:T / HTTP/1.1\r\n", 400 },
  { "method-with-high-byte", "G\xc3\x89T / HTTP/1.1\r\n", 400 },
  { "method-too-long", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", 501 },
  { "fragment", "GET http://demo.ton/#top HTTP/1.1\r\n", 400 },
  { "high-byte-in-target", "GET http://d\xc3\xa9mo.ton/ HTTP/1.1\r\n", 400 },
  { "delete-in-target", "GET /\x7f HTTP/1.1\r\n", 400 },
  { "two-empty-lines-first", "\r\n\r\nGET / HTTP/1.1\r\n", 400 },
  { "bare-lf-first-line", "GET / HTTP/1.1\n", 400 },
  { "bare-lf-field", ABSOLUTE "Host: demo.ton\n\r\n", 400 },
  { "bare-lf-end", ABSOLUTE HOST "\n", 400 },
  { "bare-cr-in-line", "GET / HT\rTP/1.1\r\n", 400 },
  { "bare-cr-in-value", ABSOLUTE HOST "A: b\rc\r\n\r\n", 400 },
  { "cr-cr-lf", ABSOLUTE "Host: demo.ton\r\r\n\r\n", 400 },
  { "escape-in-value", ABSOLUTE HOST "A: \x1b[0m\r\n\r\n", 400 },
  { "delete-in-value", ABSOLUTE HOST "A: \x7f\r\n\r\n", 400 },
  { "vertical-tab-in-value", ABSOLUTE HOST "A: b\vc\r\n\r\n", 400 },
  { "obs-fold-space", ABSOLUTE HOST "A: b\r\n c\r\n\r\n", 400 },
  { "obs-fold-tab", ABSOLUTE HOST "A: b\r\n\tc\r\n\r\n", 400 },
  { "fold-before-fields", ABSOLUTE " Host: demo.ton\r\n\r\n", 400 },
  { "space-before-colon", ABSOLUTE HOST "Content-Length : 5\r\n\r\n", 400 },
  { "tab-before-colon", ABSOLUTE HOST "A\t: 5\r\n\r\n", 400 },
  { "space-in-name", ABSOLUTE HOST "A B: 5\r\n\r\n", 400 },
  { "no-colon", ABSOLUTE HOST "Accept\r\n\r\n", 400 },
  { "empty-name", ABSOLUTE HOST ": x\r\n\r\n", 400 },
  { "name-with-slash", ABSOLUTE HOST "A/B: x\r\n\r\n", 400 },
  { "name-with-high-byte", ABSOLUTE HOST "\xc3\xa9: x\r\n\r\n", 400 },
  { "no-host", ABSOLUTE "\r\n", 400 },
  { "two-hosts", ABSOLUTE HOST HOST "\r\n", 400 },
  { "two-hosts-case", ABSOLUTE HOST "hOST: demo.ton\r\n\r\n", 400 },
  { "two-lengths", ABSOLUTE HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400 },
  { "two-equal-lengths", ABSOLUTE HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400 },
  { "length-list", ABSOLUTE HOST "Content-Length: 5, 5\r\n\r\n", 400 },
  { "length-plus", ABSOLUTE HOST "Content-Length: +5\r\n\r\n", 400 },
  { "length-minus", ABSOLUTE HOST "Content-Length: -5\r\n\r\n", 400 },
  { "length-hex", ABSOLUTE HOST "Content-Length: 0x5\r\n\r\n", 400 },
  { "length-empty", ABSOLUTE HOST "Content-Length:\r\n\r\n", 400 },
  { "length-space", ABSOLUTE HOST "Content-Length: 5 5\r\n\r\n", 400 },
  { "length-fraction", ABSOLUTE HOST "Content-Length: 5.0\r\n\r\n", 400 },
  { "length-overflow", ABSOLUTE HOST "Content-Length: 18446744073709551616\r\n\r\n", 413 },
  { "length-64-bits", ABSOLUTE HOST "Content-Length: 18446744073709551615\r\n\r\n", 413 },
  { "length-40-digits",
    ABSOLUTE HOST "Content-Length: 9999999999999999999999999999999999999999\r\n\r\n", 413 },
  { "length-and-chunked",
    ABSOLUTE HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
  { "chunked-and-length",
    ABSOLUTE HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400 },
  { "unknown-coding", ABSOLUTE HOST "Transfer-Encoding: gzip\r\n\r\n", 501 },
  { "gzip-chunked", ABSOLUTE HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
  { "identity-coding", ABSOLUTE HOST "Transfer-Encoding: identity\r\n\r\n", 501 },
  { "nearly-chunked", ABSOLUTE HOST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
  { "chunked-parameter", ABSOLUTE HOST "Transfer-Encoding: chunked;q=1\r\n\r\n", 501 },
  { "chunked-not-last", ABSOLUTE HOST "Transfer-Encoding: chunked, gzip\r\n\r\n", 400 },
  { "chunked-twice", ABSOLUTE HOST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400 },
  { "chunked-in-two-fields",
    ABSOLUTE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
  { "coding-empty", ABSOLUTE HOST "Transfer-Encoding:\r\n\r\n", 400 },
  { "chunked-in-1.0", "POST http://demo.ton/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
  { "expectation", ABSOLUTE HOST "Expect: 200-ok\r\n\r\n", 417 },
};

/* Every prefix is too short or already refused; the whole is refused with the status. */
static void
test_bad (gconstpointer user_data)
{
  const BadCase *bad = user_data;
  gsize size = strlen (bad->head);
  CloveHttpScan stepwise = { 0 };
  CloveHttpScan at_once = { 0 };
  CloveHttpRequest request = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) error_at_once = NULL;
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

  for (gsize n = 0; n <= size && result == CLOVE_HTTP_NEED_MORE; n++) {
    g_autofree guint8 *exact = g_memdup2 (bad->head, n);

    result = clove_http_request_parse (&request, &stepwise, exact, n, &error);
  }
  g_assert_cmpint (result, ==, CLOVE_HTTP_FAILED);
  g_assert_error (error, CLOVE_HTTP_ERROR, bad->status);

  result = clove_http_request_parse (&request, &at_once, (const guint8 *) bad->head, size,
                                     &error_at_once);
  g_assert_cmpint (result, ==, CLOVE_HTTP_FAILED);
  g_assert_error (error_at_once, CLOVE_HTTP_ERROR, bad->status);
}

typedef struct {
  const char *name;
  const char *head;
  const char *method;
  const char *target;
  CloveHttpFraming framing;
  guint64 content_length;
  guint n_fields;
  guint minor_version;
  gboolean keeps_alive;
  gboolean expects_continue;
} GoodCase;

static const GoodCase good_cases[] = {
  { "get", ABSOLUTE HOST "\r\n", "GET", "http://demo.ton/", CLOVE_HTTP_FRAMING_NONE, 0, 1, 1,
    TRUE, FALSE },
  { "empty-line-first", "\r\n" ABSOLUTE HOST "\r\n", "GET", "http://demo.ton/",
    CLOVE_HTTP_FRAMING_NONE, 0, 1, 1, TRUE, FALSE },
  { "close", ABSOLUTE HOST "Connection: Close\r\n\r\n", "GET", "http://demo.ton/",
    CLOVE_HTTP_FRAMING_NONE, 0, 2, 1, FALSE, FALSE },
  { "close-in-list", ABSOLUTE HOST "Connection: te ,, close\r\n\r\n", "GET", "http://demo.ton/",
    CLOVE_HTTP_FRAMING_NONE, 0, 2, 1, FALSE, FALSE },
  { "close-in-second", ABSOLUTE HOST "Connection: te\r\nConnection: close\r\n\r\n", "GET",
    "http://demo.ton/", CLOVE_HTTP_FRAMING_NONE, 0, 3, 1, FALSE, FALSE },
  { "http-1.0", "GET / HTTP/1.0\r\n\r\n", "GET", "/", CLOVE_HTTP_FRAMING_NONE, 0, 0, 0, FALSE,
    FALSE },
  { "http-1.0-keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/",
    CLOVE_HTTP_FRAMING_NONE, 0, 1, 0, TRUE, FALSE },
  { "http-1.0-expect", "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", "GET", "/",
    CLOVE_HTTP_FRAMING_NONE, 0, 1, 0, FALSE, FALSE },
  { "length", "POST / HTTP/1.1\r\n" HOST "Content-Length:\t0042 \t\r\n\r\n", "POST", "/",
    CLOVE_HTTP_FRAMING_LENGTH, 42, 2, 1, TRUE, FALSE },
  { "chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: , ChunkeD\r\n\r\n", "POST", "/",
    CLOVE_HTTP_FRAMING_CHUNKED, 0, 2, 1, TRUE, FALSE },
  { "expect", "PUT /a HTTP/1.1\r\n" HOST "expect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
    "PUT", "/a", CLOVE_HTTP_FRAMING_LENGTH, 1, 3, 1, TRUE, TRUE },
  { "values-with-high-bytes", ABSOLUTE HOST "A: \xc3\xa9\t\xff\r\nB:\r\n\r\n", "GET",
    "http://demo.ton/", CLOVE_HTTP_FRAMING_NONE, 0, 3, 1, TRUE, FALSE },
  { "other-method", "M-SEARCH * HTTP/1.1\r\nHost:\r\n\r\n", "M-SEARCH", "*",
    CLOVE_HTTP_FRAMING_NONE, 0, 1, 1, TRUE, FALSE },
};

static void
test_good (gconstpointer user_data)
{
  const GoodCase *good = user_data;
  gsize size = strlen (good->head);
  g_autofree char *more = g_strconcat (good->head, "GET /next", NULL);
  CloveHttpScan scan = { 0 };
  CloveHttpRequest request = { 0 };
  g_autoptr (GError) error = NULL;

  for (gsize n = 0; n < size; n++) {
    g_autofree guint8 *exact = g_memdup2 (good->head, n);

    g_assert_cmpint (clove_http_request_parse (&request, &scan, exact, n, &error), ==,
                     CLOVE_HTTP_NEED_MORE);
    g_assert_no_error (error);
  }
  g_assert_cmpint (clove_http_request_parse (&request, &scan, (const guint8 *) more,
                                             strlen (more), &error),
                   ==, CLOVE_HTTP_DONE);
  g_assert_no_error (error);
  g_assert_cmpuint (request.head_size, ==, size);
  g_assert_true (clove_http_text_is (request.method, good->method));
  g_assert_true (clove_http_text_is (request.target, good->target));
  g_assert_cmpint (request.framing, ==, good->framing);
  g_assert_cmpuint (request.content_length, ==, good->content_length);
  g_assert_cmpuint (request.fields.n_items, ==, good->n_fields);
  g_assert_cmpuint (request.minor_version, ==, good->minor_version);
  g_assert_cmpint (request.keeps_alive, ==, good->keeps_alive);
  g_assert_cmpint (request.expects_continue, ==, good->expects_continue);
}

static int
status_of (GString *head)
{
  CloveHttpScan scan = { 0 };
  CloveHttpRequest request = { 0 };
  g_autoptr (GError) error = NULL;
  CloveHttpResult result = clove_http_request_parse (
    &request, &scan, (const guint8 *) head->str, head->len, &error);

  if (result == CLOVE_HTTP_FAILED)
    return error->code;
  return result == CLOVE_HTTP_DONE ? 0 : -1;
}

static void
append_repeated (GString *out, char c, gsize n)
{
  gsize start = out->len;

  g_string_set_size (out, start + n);
  memset (out->str + start, c, n);
}

static int
status_with_target (gsize target_size)
{
  g_autoptr (GString) head = g_string_new ("GET /");

  append_repeated (head, 'a', target_size - 1);
  g_string_append (head, " HTTP/1.1\r\n" HOST "\r\n");
  return status_of (head);
}

static int
status_with_fields (guint n_fields)
{
  g_autoptr (GString) head = g_string_new ("GET / HTTP/1.1\r\n" HOST);

  for (guint i = 1; i < n_fields; i++)
    g_string_append_printf (head, "X-%u: y\r\n", i);
  g_string_append (head, "\r\n");
  return status_of (head);
}

static int
status_with_head_size (gsize head_size)
{
  g_autoptr (GString) head = g_string_new ("GET / HTTP/1.1\r\n" HOST "X: ");

  append_repeated (head, 'y', head_size - head->len - 4);
  g_string_append (head, "\r\n\r\n");
  g_assert_cmpuint (head->len, ==, head_size);
  return status_of (head);
}

static void
test_limits (void)
{
  g_assert_cmpint (status_with_target (CLOVE_HTTP_MAX_TARGET_SIZE), ==, 0);
  g_assert_cmpint (status_with_target (CLOVE_HTTP_MAX_TARGET_SIZE + 1), ==, 414);
  g_assert_cmpint (status_with_target (CLOVE_HTTP_MAX_TARGET_SIZE + 200), ==, 414);
  g_assert_cmpint (status_with_target (131072), ==, 414);
  g_assert_cmpint (status_with_fields (CLOVE_HTTP_MAX_FIELDS), ==, 0);
  g_assert_cmpint (status_with_fields (CLOVE_HTTP_MAX_FIELDS + 1), ==, 431);
  g_assert_cmpint (status_with_fields (300), ==, 431);
  g_assert_cmpint (status_with_head_size (CLOVE_HTTP_MAX_HEAD_SIZE), ==, 0);
  g_assert_cmpint (status_with_head_size (CLOVE_HTTP_MAX_HEAD_SIZE + 1), ==, 431);
}

/* Limits hold before the end is there, so that nobody can fill the memory. */
static void
test_limits_of_unfinished (void)
{
  g_autoptr (GString) target = g_string_new ("GET /");
  g_autoptr (GString) field = g_string_new ("GET / HTTP/1.1\r\n" HOST "X: ");

  append_repeated (target, 'a', 9000);
  g_assert_cmpint (status_of (target), ==, 414);
  append_repeated (field, 'y', CLOVE_HTTP_MAX_HEAD_SIZE - field->len);
  g_assert_cmpint (status_of (field), ==, -1);
  g_string_append_c (field, 'y');
  g_assert_cmpint (status_of (field), ==, 431);
}

static void
test_nul (void)
{
  static const char head[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
  g_autoptr (GString) text = g_string_new_len (head, sizeof head - 1);

  g_assert_cmpint (status_of (text), ==, 400);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad_cases); i++) {
    g_autofree char *path =
      g_strconcat ("/clove/proxy/http-request/bad/", bad_cases[i].name, NULL);

    g_test_add_data_func (path, &bad_cases[i], test_bad);
  }
  for (guint i = 0; i < G_N_ELEMENTS (good_cases); i++) {
    g_autofree char *path =
      g_strconcat ("/clove/proxy/http-request/good/", good_cases[i].name, NULL);

    g_test_add_data_func (path, &good_cases[i], test_good);
  }
  g_test_add_func ("/clove/proxy/http-request/limits", test_limits);
  g_test_add_func ("/clove/proxy/http-request/limits-of-unfinished", test_limits_of_unfinished);
  g_test_add_func ("/clove/proxy/http-request/nul", test_nul);
  return g_test_run ();
}
