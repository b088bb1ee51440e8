/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-range.h"

static CloveHttpText
text (const char *string)
{
  return (CloveHttpText){ string, strlen (string) };
}

static void
test_range_good (void)
{
  static const struct {
    const char *value;
    gint64 first;
    gint64 last;
  } cases[] = {
    { "bytes=0-0", 0, 0 },
    { "bytes=0-65535", 0, 65535 },
    { "bytes=17-", 17, -1 },
    { "Bytes=1-2", 1, 2 },
    { "bytes=007-008", 7, 8 },
    { "bytes=576460752303423487-576460752303423487", 576460752303423487, 576460752303423487 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveHttpRange range = { 0 };
    CloveHttpRange again = { 0 };
    char value[CLOVE_HTTP_RANGE_SIZE];

    g_assert_true (clove_http_range_parse (&range, text (cases[i].value)));
    g_assert_cmpint (range.first, ==, cases[i].first);
    g_assert_cmpint (range.last, ==, cases[i].last);
    clove_http_range_format (&range, value);
    g_assert_true (clove_http_range_parse (&again, text (value)));
    g_assert_cmpmem (&range, sizeof range, &again, sizeof again);
  }
}

static void
test_range_bad (void)
{
  static const char *const cases[] = {
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=-5", /* the last five: only the server knows where they begin */
    "bytes=5-4",
    "bytes=0-1,3-4",
    "bytes=0-1,",
    "bytes=0 -1",
    "bytes=0- 1",
    "bytes=0-1 ",
    " bytes=0-1",
    "bytes = 0-1",
    "items=0-1",
    "bytes=0x1-2",
    "bytes=+1-2",
    "bytes=1--2",
    "bytes=1-2-",
    "bytes=9223372036854775807-",
    "bytes=99999999999999999999999-",
    "bytes=0-99999999999999999999999",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveHttpRange range = { 0 };

    g_assert_false (clove_http_range_parse (&range, text (cases[i])));
  }
}

static void
test_content_range_good (void)
{
  static const struct {
    const char *value;
    gint64 first;
    gint64 last;
    gint64 total;
  } cases[] = {
    { "bytes 0-0/1", 0, 0, 1 },
    { "bytes 0-65535/50000000", 0, 65535, 50000000 },
    { "bytes 10-19/*", 10, 19, -1 },
    { "BYTES 10-19/20", 10, 19, 20 },
    { "bytes  10-19/20", 10, 19, 20 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveHttpContentRange range = { 0 };
    CloveHttpContentRange again = { 0 };
    char value[CLOVE_HTTP_RANGE_SIZE];

    g_assert_true (clove_http_content_range_parse (&range, text (cases[i].value)));
    g_assert_cmpint (range.first, ==, cases[i].first);
    g_assert_cmpint (range.last, ==, cases[i].last);
    g_assert_cmpint (range.total, ==, cases[i].total);
    clove_http_content_range_format (&range, value);
    g_assert_true (clove_http_content_range_parse (&again, text (value)));
    g_assert_cmpmem (&range, sizeof range, &again, sizeof again);
  }
}

static void
test_content_range_bad (void)
{
  static const char *const cases[] = {
    "",
    "bytes",
    "bytes */20", /* of a 416 */
    "bytes 0-19",
    "bytes 0-19/",
    "bytes 0-19/**",
    "bytes 0-20/20", /* beyond the end */
    "bytes 5-4/20",
    "bytes 0-/20",
    "bytes -4/20",
    "bytes 0-4/20,5-9/20",
    "bytes 0-4/ 20",
    "bytes=0-4/20",
    "items 0-4/20",
    "bytes 0-4/99999999999999999999",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveHttpContentRange range = { 0 };

    g_assert_false (clove_http_content_range_parse (&range, text (cases[i])));
  }
}

static void
test_date (void)
{
  static const struct {
    const char *value;
    gint64 seconds; /* -1: refused */
  } cases[] = {
    { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
    { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
    { "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
    { "Sun Nov  6 08:49:37 1994", -1 },
    { "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
    { "sun, 06 Nov 1994 08:49:37 GMT", -1 },
    { "\r\n , 06 Nov 1994 08:49:37 GMT", -1 }, /* a folded line */
    { "Sun, 31 Feb 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Foo 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 0000 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994 24:49:37 GMT", -1 },
    { "Sun, 06 Nov 1994 08:49:-7 GMT", -1 },
    { "", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint64 seconds = 0;

    g_assert_cmpint (clove_http_date_parse (text (cases[i].value), &seconds), ==,
                     cases[i].seconds >= 0);
    if (cases[i].seconds >= 0)
      g_assert_cmpint (seconds, ==, cases[i].seconds);
  }
}

#define MODIFIED "Sun, 06 Nov 1994 08:49:37 GMT"

static void
test_validator (void)
{
  static const struct {
    const char *etag;
    const char *modified;
    const char *date;
    const char *validator; /* NULL: none */
  } cases[] = {
    { "\"v1\"", NULL, NULL, "\"v1\"" },
    { "\"\"", NULL, NULL, "\"\"" },
    { "\"v1\"", MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT", "\"v1\"" },
    { "W/\"v1\"", NULL, NULL, NULL },
    /* With any tag at all a date must not be used. */
    { "W/\"v1\"", MODIFIED, "Mon, 07 Nov 1994 08:49:37 GMT", NULL },
    { "v1", NULL, NULL, NULL },
    { "\"v1", NULL, NULL, NULL },
    { "\"v\"1\"", NULL, NULL, NULL },
    { "\"v 1\"", NULL, NULL, NULL },
    { "\"", NULL, NULL, NULL },
    { NULL, MODIFIED, "Sun, 06 Nov 1994 08:50:37 GMT", MODIFIED },
    { NULL, MODIFIED, "Sun, 06 Nov 1994 08:50:36 GMT", NULL },
    { NULL, MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT", NULL },
    { NULL, MODIFIED, "Sat, 05 Nov 1994 08:49:37 GMT", NULL },
    { NULL, MODIFIED, NULL, NULL },
    /* It goes into requests as it stands, so it must not be two lines. */
    { NULL, "\r\n , 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT", NULL },
    { NULL, "yesterday", "Sun, 06 Nov 1994 08:50:37 GMT", NULL },
    { NULL, NULL, "Sun, 06 Nov 1994 08:50:37 GMT", NULL },
    { NULL, NULL, NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveHttpFields fields = { 0 };
    CloveHttpText validator = { 0 };

    clove_http_fields_init (&fields);
    if (cases[i].etag != NULL)
      clove_http_fields_add (&fields, text ("ETag"), text (cases[i].etag));
    if (cases[i].modified != NULL)
      clove_http_fields_add (&fields, text ("Last-Modified"), text (cases[i].modified));
    if (cases[i].date != NULL)
      clove_http_fields_add (&fields, text ("Date"), text (cases[i].date));
    g_assert_cmpint (clove_http_find_validator (&fields, &validator), ==,
                     cases[i].validator != NULL);
    if (cases[i].validator != NULL)
      g_assert_true (clove_http_text_is (validator, cases[i].validator));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/http-range/range/good", test_range_good);
  g_test_add_func ("/clove/proxy/http-range/range/bad", test_range_bad);
  g_test_add_func ("/clove/proxy/http-range/content-range/good", test_content_range_good);
  g_test_add_func ("/clove/proxy/http-range/content-range/bad", test_content_range_bad);
  g_test_add_func ("/clove/proxy/http-range/date", test_date);
  g_test_add_func ("/clove/proxy/http-range/validator", test_validator);
  return g_test_run ();
}
