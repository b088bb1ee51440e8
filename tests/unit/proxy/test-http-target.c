/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-http-target.h"

#define OWN "127.0.0.1:8080"

typedef struct {
  const char *method;
  const char *target;
  /* NULL: no Host field, in HTTP/1.0. */
  const char *host_field;
  /* 0: good. */
  int status;
  /* NULL: the PAC file. */
  const char *host;
  const char *path;
} Case;

static const Case cases[] = {
  { "GET", "http://demo.ton/", "demo.ton", 0, "demo.ton", "/" },
  { "GET", "http://demo.ton", "demo.ton", 0, "demo.ton", "" },
  { "GET", "http://demo.ton?a=b", "demo.ton", 0, "demo.ton", "?a=b" },
  { "GET", "http://demo.ton/a/b?c=d&e=%zz", "demo.ton", 0, "demo.ton", "/a/b?c=d&e=%zz" },
  { "GET", "http://demo.ton//a", "demo.ton", 0, "demo.ton", "//a" },
  { "GET", "HTTP://DeMo.TON/A", "demo.ton", 0, "demo.ton", "/A" },
  { "GET", "http://demo.ton./", "DEMO.ton", 0, "demo.ton", "/" },
  { "GET", "http://demo.ton.:80/", "demo.ton:", 0, "demo.ton", "/" },
  { "GET", "http://demo.ton:8081/", "demo.ton:8081", 0, "demo.ton", "/" },
  { "GET", "http://a.b-c.ton/", "a.b-c.ton", 0, "a.b-c.ton", "/" },
  { "GET", "http://some_name.t.me/", "some_name.t.me", 0, "some_name.t.me", "/" },
  { "GET", "http://abc.adnl/", "abc.adnl", 0, "abc.adnl", "/" },
  { "GET", "http://demo.ton/%41", "demo.ton", 0, "demo.ton", "/%41" },
  { "GET", "http://demo.ton/|\"<>", NULL, 0, "demo.ton", "/|\"<>" },
  { "POST", "/form", "demo.ton", 0, "demo.ton", "/form" },
  { "OPTIONS", "/", "DEMO.ton.:80", 0, "demo.ton", "/" },
  { "GET", "/http://example.com/", "demo.ton", 0, "demo.ton", "/http://example.com/" },
  { "GET", "/proxy.pac", OWN, 0, NULL, "/proxy.pac" },
  { "GET", "/proxy.pac", "localhost:8080", 0, NULL, "/proxy.pac" },
  { "GET", "/proxy.pac", "LocalHost.:8080", 0, NULL, "/proxy.pac" },
  { "GET", "/proxy.pac", "demo.ton", 0, "demo.ton", "/proxy.pac" },

  { "GET", "http://example.com/", "example.com", 403, NULL, NULL },
  { "GET", "http://demo.ton.example.com/", "demo.ton.example.com", 403, NULL, NULL },
  { "GET", "http://demoton/", "demoton", 403, NULL, NULL },
  { "GET", "http://ton/", "ton", 403, NULL, NULL },
  { "GET", "http://.ton/", ".ton", 403, NULL, NULL },
  { "GET", "http://a..ton/", "a..ton", 403, NULL, NULL },
  { "GET", "http://demo.ton../", "demo.ton..", 403, NULL, NULL },
  { "GET", "http://t.me/", "t.me", 403, NULL, NULL },
  { "GET", "http://notat.me/", "notat.me", 403, NULL, NULL },
  { "GET", "http://127.0.0.1/", "127.0.0.1", 403, NULL, NULL },
  { "GET", "http://" OWN "/proxy.pac", OWN, 403, NULL, NULL },
  { "GET", "http://[::1]/", "[::1]", 403, NULL, NULL },
  { "GET", "http://[::1].ton/", "[::1].ton", 400, NULL, NULL },
  { "GET", "http://de%6do.ton/", "de%6do.ton", 403, NULL, NULL },
  { "GET", "http://demo!.ton/", "demo!.ton", 403, NULL, NULL },
  { "GET", "http://demo.ton\\@example.com/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton\\.example.com/", "demo.ton\\.example.com", 403, NULL, NULL },
  { "GET", "https://demo.ton/", "demo.ton", 403, NULL, NULL },
  { "GET", "https://example.com/", "example.com", 403, NULL, NULL },
  { "GET", "ftp://demo.ton/", "demo.ton", 403, NULL, NULL },
  { "GET", "javascript:alert(1)", "demo.ton", 403, NULL, NULL },
  { "GET", "http:/demo.ton/", "demo.ton", 403, NULL, NULL },
  { "GET", "http:///path", "demo.ton", 400, NULL, NULL },
  { "GET", "http://:80/", ":80", 400, NULL, NULL },
  { "GET", "http://user@demo.ton/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://user:pass@demo.ton/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://example.com@demo.ton/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton:0/", "demo.ton:0", 400, NULL, NULL },
  { "GET", "http://demo.ton:65536/", "demo.ton:65536", 400, NULL, NULL },
  { "GET", "http://demo.ton:000080/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton:8a/", "demo.ton:8a", 400, NULL, NULL },
  { "GET", "http://demo.ton:80:80/", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/", "other.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/", "demo.ton:81", 400, NULL, NULL },
  { "GET", "http://demo.ton/", "", 400, NULL, NULL },
  { "GET", "http://demo.ton/", "user@demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/", "demo.ton, demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/%", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/%4", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/%zz", "demo.ton", 400, NULL, NULL },
  { "GET", "http://demo.ton/%4?1", "demo.ton", 400, NULL, NULL },
  { "GET", "/", OWN, 400, NULL, NULL },
  { "GET", "/", "example.com", 400, NULL, NULL },
  { "GET", "/", NULL, 400, NULL, NULL },
  { "GET", "/", "", 400, NULL, NULL },
  { "GET", "/proxy.pac", "localhost", 400, NULL, NULL },
  { "GET", "/proxy.pac", "localhost:8081", 400, NULL, NULL },
  { "GET", "/proxy.pac", "localhost.localdomain:8080", 400, NULL, NULL },
  { "GET", "/proxy.pac", "xlocalhost:8080", 400, NULL, NULL },
  { "GET", "/", "localhost:8080", 400, NULL, NULL },
  { "GET", "http://localhost:8080/proxy.pac", "localhost:8080", 403, NULL, NULL },
  { "GET", "/proxy.pac", "127.0.0.1", 400, NULL, NULL },
  { "GET", "/proxy.pac", "127.0.0.1:8081", 400, NULL, NULL },
  { "GET", "/proxy.pac", "rebound.example.com:8080", 400, NULL, NULL },
  { "GET", "/proxy.pac?x", OWN, 400, NULL, NULL },
  { "POST", "/proxy.pac", OWN, 400, NULL, NULL },
  { "get", "/proxy.pac", OWN, 400, NULL, NULL },
  { "OPTIONS", "*", "demo.ton", 400, NULL, NULL },
  { "GET", "demo.ton/", "demo.ton", 400, NULL, NULL },
  { "GET", "demo.ton:80", "demo.ton", 403, NULL, NULL },
  { "CONNECT", "demo.ton:443", "demo.ton:443", 501, NULL, NULL },
  { "CONNECT", "DEMO.TON.:80", "demo.ton:443", 501, NULL, NULL },
  { "CONNECT", "example.com:443", "example.com:443", 403, NULL, NULL },
  { "CONNECT", "[2001:db8::1]:443", "[2001:db8::1]:443", 403, NULL, NULL },
  { "CONNECT", "demo.ton:x", "demo.ton", 400, NULL, NULL },
  { "CONNECT", ":443", "demo.ton", 400, NULL, NULL },
  { "TRACE", "http://demo.ton/", "demo.ton", 405, NULL, NULL },
  { "TRACE", "/", "example.com", 405, NULL, NULL },
};

static CloveHttpRequest
make_request (const Case *c)
{
  CloveHttpRequest request = { 0 };

  request.method = (CloveHttpText){ c->method, strlen (c->method) };
  request.target = (CloveHttpText){ c->target, strlen (c->target) };
  if (c->host_field != NULL)
    request.host = (CloveHttpText){ c->host_field, strlen (c->host_field) };
  return request;
}

static void
test_case (gconstpointer user_data)
{
  const Case *c = user_data;
  CloveHttpRequest request = make_request (c);
  CloveHttpTarget target = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean is_good = clove_http_target_resolve (&target, &request, OWN, &error);

  if (c->status != 0) {
    g_assert_false (is_good);
    g_assert_error (error, CLOVE_HTTP_ERROR, c->status);
    return;
  }
  g_assert_no_error (error);
  g_assert_true (is_good);
  g_assert_cmpint (target.kind, ==,
                   c->host == NULL ? CLOVE_HTTP_TARGET_PAC : CLOVE_HTTP_TARGET_SITE);
  if (c->host != NULL)
    g_assert_cmpstr (target.host, ==, c->host);
  g_assert_true (clove_http_text_is (target.path, c->path));
}

static void
test_long_names (void)
{
  g_autoptr (GString) name = g_string_new (NULL);

  while (name->len < 248)
    g_string_append (name, "abcdefg.");
  g_string_append (name, "a.ton");
  g_assert_cmpuint (name->len, ==, 253);
  for (guint i = 0; i < 2; i++) {
    g_autofree char *url = g_strdup_printf ("http://%s/", name->str);
    Case c = { "GET", url, name->str, i == 0 ? 0 : 400, name->str, "/" };

    test_case (&c);
    g_string_prepend_c (name, 'x');
  }
  g_assert_true (clove_http_is_ton_host ("abc.ton"));
  g_assert_false (clove_http_is_ton_host (
    "0123456789012345678901234567890123456789012345678901234567890123.ton"));
  g_assert_false (clove_http_is_ton_host (""));
}

/* Which names the PAC file has, by where the browser reached the proxy. */
static void
test_pac_names (void)
{
  static const struct {
    const char *own;
    const char *host_field;
    gboolean is_pac;
  } names[] = {
    /* On port 80 a browser leaves the port out. */
    { "127.0.0.1:80", "127.0.0.1", TRUE },
    { "127.0.0.1:80", "localhost", TRUE },
    { "127.8.9.1:8080", "localhost:8080", TRUE },
    { "[::1]:8080", "[::1]:8080", TRUE },
    { "[::1]:8080", "localhost:8080", TRUE },
    { "[::1]:8080", "127.0.0.1:8080", FALSE },
    { "192.0.2.1:8080", "192.0.2.1:8080", TRUE },
    { "192.0.2.1:8080", "localhost:8080", FALSE },
    { "[2001:db8::1]:8080", "localhost:8080", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    Case c = { "GET", "/proxy.pac", names[i].host_field, 0, NULL, NULL };
    CloveHttpRequest request = make_request (&c);
    CloveHttpTarget target = { 0 };
    gboolean is_good = clove_http_target_resolve (&target, &request, names[i].own, NULL);

    g_test_message ("%s at %s", names[i].host_field, names[i].own);
    g_assert_cmpint (is_good, ==, names[i].is_pac);
    if (is_good)
      g_assert_cmpint (target.kind, ==, CLOVE_HTTP_TARGET_PAC);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/proxy/http-target/case-%u", i);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/clove/proxy/http-target/long-names", test_long_names);
  g_test_add_func ("/clove/proxy/http-target/pac-names", test_pac_names);
  return g_test_run ();
}
