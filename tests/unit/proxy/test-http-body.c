/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-body.h"

typedef struct {
  const char *name;
  const char *input;
  /* NULL: the input is refused. */
  const char *data;
  const char *rest;
} Case;

static const Case cases[] = {
  { "one", "5\r\nhello\r\n0\r\n\r\nnext", "hello", "next" },
  { "two", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello", "" },
  { "upper", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", "" },
  { "lower", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789", "" },
  { "leading-zeros", "0000005\r\nhello\r\n000\r\n\r\n", "hello", "" },
  { "empty", "0\r\n\r\nx", "", "x" },
  { "data-with-line-ends", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", "" },
  { "extension", "5;a=b;c=\"d e\"\r\nhello\r\n0;z\r\n\r\n", "hello", "" },
  { "trailers", "5\r\nhello\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\nx", "hello", "x" },
  { "trailer-empty-value", "0\r\nA:\r\n\r\n", "", "" },
  { "no-size", "\r\nhello\r\n", NULL, NULL },
  { "minus", "-5\r\nhello\r\n", NULL, NULL },
  { "plus", "+5\r\nhello\r\n", NULL, NULL },
  { "prefix", "0x5\r\nhello\r\n", NULL, NULL },
  { "space-before", " 5\r\nhello\r\n", NULL, NULL },
  { "space-after", "5 \r\nhello\r\n", NULL, NULL },
  { "not-hex", "g\r\n", NULL, NULL },
  { "too-many-digits", "0000000000000005\r\nhello\r\n", NULL, NULL },
  { "overflow", "fffffffffffffffff\r\n", NULL, NULL },
  { "bare-lf", "5\nhello\r\n", NULL, NULL },
  { "bare-cr", "5\rhello\r\n", NULL, NULL },
  { "size-too-small", "4\r\nhello\r\n0\r\n\r\n", NULL, NULL },
  { "size-too-large", "6\r\nhello\r\n0\r\n\r\n", NULL, NULL },
  { "bare-lf-after-data", "5\r\nhello\n0\r\n\r\n", NULL, NULL },
  { "no-end-after-data", "5\r\nhello0\r\n\r\n", NULL, NULL },
  { "lf-in-extension", "5;a\nhello\r\n", NULL, NULL },
  { "control-in-extension", "5;\x01\r\nhello\r\n", NULL, NULL },
  { "bare-lf-at-end", "0\r\n\n", NULL, NULL },
  { "trailer-without-colon", "0\r\nA\r\n\r\n", NULL, NULL },
  { "trailer-folded", "0\r\nA: b\r\n c\r\n\r\n", NULL, NULL },
  { "trailer-space-before-colon", "0\r\nA : b\r\n\r\n", NULL, NULL },
  { "trailer-bare-lf", "0\r\nA: b\n\r\n", NULL, NULL },
};

/* Feed @input in steps of @step bytes; NULL when refused. */
static char *
decode (CloveHttpBody *body, const char *input, gsize size, gsize step, gsize *n_taken_out)
{
  g_autoptr (GString) data = g_string_new (NULL);
  gsize position = 0;
  CloveHttpResult result = CLOVE_HTTP_NEED_MORE;

  while (position < size && result == CLOVE_HTTP_NEED_MORE) {
    gsize n = MIN (step, size - position);
    g_autofree guint8 *exact = g_memdup2 (input + position, n);
    g_autoptr (GError) error = NULL;
    CloveHttpText piece = { 0 };
    gsize consumed = 0;

    result = clove_http_body_feed (body, exact, n, &consumed, &piece, &error);
    if (result == CLOVE_HTTP_FAILED) {
      g_assert_error (error, CLOVE_HTTP_ERROR, CLOVE_HTTP_ERROR_BAD_REQUEST);
      return NULL;
    }
    g_assert_no_error (error);
    g_assert_cmpuint (consumed, >, 0);
    g_assert_cmpuint (consumed, <=, n);
    g_string_append_len (data, piece.data, (gssize) piece.size);
    position += consumed;
  }
  *n_taken_out = position;
  return g_string_free (g_steal_pointer (&data), FALSE);
}

static void
test_chunked (gconstpointer user_data)
{
  const Case *c = user_data;
  gsize size = strlen (c->input);

  for (gsize step = 1; step <= size; step++) {
    CloveHttpBody body = { 0 };
    gsize n_taken = 0;
    g_autofree char *data = NULL;

    clove_http_body_init (&body, CLOVE_HTTP_FRAMING_CHUNKED, 0);
    data = decode (&body, c->input, size, step, &n_taken);
    g_assert_cmpstr (data, ==, c->data);
    g_assert_cmpint (clove_http_body_is_done (&body), ==, c->data != NULL);
    if (c->data != NULL)
      g_assert_cmpstr (c->input + n_taken, ==, c->rest);
  }
}

static void
test_cut_short (void)
{
  static const char input[] = "5;x\r\nhello\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n";

  for (gsize size = 0; size < sizeof input - 1; size++) {
    CloveHttpBody body = { 0 };
    gsize n_taken = 0;
    g_autofree char *data = NULL;

    clove_http_body_init (&body, CLOVE_HTTP_FRAMING_CHUNKED, 0);
    data = decode (&body, input, size, 7, &n_taken);
    g_assert_nonnull (data);
    g_assert_cmpuint (n_taken, ==, size);
    g_assert_false (clove_http_body_is_done (&body));
  }
}

static void
test_bounds (void)
{
  static const char *const starts[] = { "5;", "0\r\nA: ", NULL };
  static const gsize sizes[] = { 1100, 9000 };

  for (guint i = 0; starts[i] != NULL; i++) {
    g_autoptr (GString) input = g_string_new (starts[i]);
    CloveHttpBody body = { 0 };
    gsize n_taken = 0;
    g_autofree char *data = NULL;

    for (gsize n = 0; n < sizes[i]; n++)
      g_string_append_c (input, 'x');
    clove_http_body_init (&body, CLOVE_HTTP_FRAMING_CHUNKED, 0);
    data = decode (&body, input->str, input->len, 100, &n_taken);
    g_assert_null (data);
  }
}

/* After an error nothing is taken for good again. */
static void
test_stays_broken (void)
{
  static const char good[] = "0\r\n\r\n";
  CloveHttpBody body = { 0 };
  gsize n_taken = 0;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  clove_http_body_init (&body, CLOVE_HTTP_FRAMING_CHUNKED, 0);
  first = decode (&body, "x", 1, 1, &n_taken);
  second = decode (&body, good, sizeof good - 1, 5, &n_taken);
  g_assert_null (first);
  g_assert_null (second);
}

static void
test_length (void)
{
  CloveHttpBody body = { 0 };
  gsize n_taken = 0;
  g_autofree char *data = NULL;

  clove_http_body_init (&body, CLOVE_HTTP_FRAMING_LENGTH, 5);
  g_assert_false (clove_http_body_is_done (&body));
  data = decode (&body, "hello, world", 12, 3, &n_taken);
  g_assert_cmpstr (data, ==, "hello");
  g_assert_cmpuint (n_taken, ==, 5);
  g_assert_true (clove_http_body_is_done (&body));

  clove_http_body_init (&body, CLOVE_HTTP_FRAMING_LENGTH, 0);
  g_assert_true (clove_http_body_is_done (&body));
  clove_http_body_init (&body, CLOVE_HTTP_FRAMING_NONE, 7);
  g_assert_true (clove_http_body_is_done (&body));
}

static void
test_until_end (void)
{
  CloveHttpBody body = { 0 };
  gsize n_taken = 0;
  g_autofree char *data = NULL;

  clove_http_body_init (&body, CLOVE_HTTP_FRAMING_UNTIL_END, 0);
  data = decode (&body, "0\r\n\r\nall", 8, 3, &n_taken);
  g_assert_cmpstr (data, ==, "0\r\n\r\nall");
  g_assert_false (clove_http_body_is_done (&body));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/clove/proxy/http-body/chunked/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_chunked);
  }
  g_test_add_func ("/clove/proxy/http-body/cut-short", test_cut_short);
  g_test_add_func ("/clove/proxy/http-body/bounds", test_bounds);
  g_test_add_func ("/clove/proxy/http-body/stays-broken", test_stays_broken);
  g_test_add_func ("/clove/proxy/http-body/length", test_length);
  g_test_add_func ("/clove/proxy/http-body/until-end", test_until_end);
  return g_test_run ();
}
