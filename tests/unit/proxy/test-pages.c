/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the proxy writes by itself: error pages and the PAC file. */
#include "config.h"

#include "clove-error-page.h"
#include "clove-pac.h"

#include <string.h>

static char *
format (const CloveErrorPage *page)
{
  g_auto (CloveBuffer) out = { 0 };

  clove_error_page_format (page, &out);
  return g_strndup ((const char *) clove_buffer_get_data (&out), clove_buffer_get_size (&out));
}

static void
test_every_status (void)
{
  static const guint statuses[] = { 400, 403, 405, 408, 413, 414, 417,
                                    431, 501, 502, 503, 504, 505 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    CloveErrorPage page = { .status = statuses[i] };
    g_autofree char *reply = format (&page);
    g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", statuses[i]);
    const char *body = strstr (reply, "\r\n\r\n") + 4;
    const char *length = strstr (reply, "\r\nContent-Length: ");

    g_assert_true (g_str_has_prefix (reply, start));
    g_assert_nonnull (strstr (reply, "\r\nCache-Control: no-store\r\n"));
    g_assert_cmpint (g_ascii_strtoll (length + strlen ("\r\nContent-Length: "), NULL, 10), ==,
                     (gint64) strlen (body));
    g_assert_true (g_str_has_prefix (body, "<!DOCTYPE html>\n<html lang=\"en\">"));
    g_assert_true (g_str_has_suffix (body, "</html>\n"));
    g_assert_nonnull (strstr (body, "prefers-color-scheme: dark"));
    g_assert_true (g_utf8_validate (body, -1, NULL));
    g_assert_cmpint (strstr (reply, "\r\nRetry-After: 5\r\n") != NULL, ==, statuses[i] == 503);
    g_assert_cmpint (strstr (reply, "\r\nAllow: ") != NULL, ==, statuses[i] == 405);
  }
}

/* Only what may succeed later is offered again, and only where asking again does no harm. */
static void
test_reload (void)
{
  static const struct {
    guint status;
    gboolean can_reload;
    gboolean has_link;
    gboolean reloads;
  } cases[] = {
    { 502, TRUE, TRUE, FALSE },
    { 503, TRUE, TRUE, TRUE },
    { 504, TRUE, TRUE, FALSE },
    { 400, TRUE, FALSE, FALSE },
    { 403, TRUE, FALSE, FALSE },
    { 413, TRUE, FALSE, FALSE },
    { 502, FALSE, FALSE, FALSE },
    { 503, FALSE, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveErrorPage page = { .status = cases[i].status, .can_reload = cases[i].can_reload };
    g_autofree char *reply = format (&page);

    g_assert_cmpint (strstr (reply, "<a href=\"\">") != NULL, ==, cases[i].has_link);
    g_assert_cmpint (strstr (reply, "http-equiv=\"refresh\" content=\"5\"") != NULL, ==,
                     cases[i].reloads);
  }
}

static void
test_text (void)
{
  CloveErrorPage page = {
    .status = 502,
    .detail = "dial <192.0.2.1:80> & fail\n",
    .is_site_error = TRUE,
    .is_text = TRUE,
    .can_reload = TRUE,
  };
  g_autofree char *reply = format (&page);
  const char *body = strstr (reply, "\r\n\r\n") + 4;
  const char *length = strstr (reply, "\r\nContent-Length: ");

  g_assert_nonnull (strstr (reply, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  g_assert_cmpint (g_ascii_strtoll (length + strlen ("\r\nContent-Length: "), NULL, 10), ==,
                   (gint64) strlen (body));
  g_assert_cmpstr (body, ==,
                   "The site cannot be reached.\n\n"
                   "The exit relay says: “dial <(address)> & fail ”\n"
                   "Check the spelling of its name. If it is right, the site itself is probably "
                   "offline: the circuit works.\n\n"
                   "Status 502 Bad Gateway. This page was made by the proxy, Clove, not by "
                   "the site.\n");
}

static void
test_connection_field (void)
{
  CloveErrorPage closing = { .status = 400, .closes = TRUE };
  CloveErrorPage old = { .status = 502, .is_http10 = TRUE };
  CloveErrorPage head = { .status = 502, .is_head_only = TRUE };
  g_autofree char *reply_closing = format (&closing);
  g_autofree char *reply_old = format (&old);
  g_autofree char *reply_head = format (&head);

  g_assert_nonnull (strstr (reply_closing, "\r\nConnection: close\r\n"));
  g_assert_nonnull (strstr (reply_old, "\r\nConnection: keep-alive\r\n"));
  g_assert_null (strstr (reply_head, "\r\nConnection"));
  g_assert_true (g_str_has_suffix (reply_head, "\r\n\r\n"));
}

static void
test_details (void)
{
  static const struct {
    const char *detail;
    gboolean is_site_error;
    const char *expected;
  } cases[] = {
    { "<script>alert(\"1\")</script>", TRUE,
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;" },
    { "<i>&'", FALSE, "<p>&lt;i&gt;&amp;&apos;</p>" },
    { "dial 192.0.2.1:80 failed", TRUE, "says: “dial (address) failed”" },
    { "[2001:db8::1]:9001", TRUE, "says: “(address)”" },
    { "DNS resolution failed: no such name", TRUE, "says: “DNS resolution failed: no such name”" },
    { "a\r\nb\x01", TRUE, "says: “a  b ”" },
    { "\xff\xfe", TRUE, "says: “\xef\xbf\xbd\xef\xbf\xbd”" },
    { "", TRUE, "says: “”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    CloveErrorPage page = {
      .status = 502,
      .detail = cases[i].detail,
      .is_site_error = cases[i].is_site_error
    };
    g_autofree char *reply = format (&page);

    g_assert_nonnull (strstr (reply, cases[i].expected));
  }
}

static void
test_long_detail (void)
{
  g_autoptr (GString) words = g_string_new (NULL);
  CloveErrorPage page = { .status = 502, .is_site_error = TRUE };
  g_autofree char *reply = NULL;

  while (words->len < 100000)
    g_string_append (words, "ÿ");
  page.detail = words->str;
  reply = format (&page);
  g_assert_cmpuint (strlen (reply), <, 4000);
  g_assert_true (g_utf8_validate (reply, -1, NULL));
}

static void
test_pac (void)
{
  g_autofree char *pac = clove_pac_new ("127.0.0.1:8080");
  const char *proxy = strstr (pac, "\"PROXY 127.0.0.1:8080\"");

  g_assert_true (g_str_has_prefix (pac, CLOVE_PAC_MARK));
  g_assert_true (
    g_str_has_prefix (strchr (pac, '\n'), "\nfunction FindProxyForURL(url, host) {\n"));
  g_assert_nonnull (proxy);
  /* One proxy answer with nothing behind it, one DIRECT for all else, and no lookups. */
  g_assert_null (strstr (proxy + 2, "PROXY"));
  g_assert_null (strstr (pac, "; DIRECT"));
  g_assert_null (strstr (strstr (pac, "DIRECT") + 1, "DIRECT"));
  g_assert_null (strstr (pac, "dnsResolve"));
  g_assert_null (strstr (pac, "isInNet"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/proxy/pages/every-status", test_every_status);
  g_test_add_func ("/clove/proxy/pages/reload", test_reload);
  g_test_add_func ("/clove/proxy/pages/text", test_text);
  g_test_add_func ("/clove/proxy/pages/connection-field", test_connection_field);
  g_test_add_func ("/clove/proxy/pages/details", test_details);
  g_test_add_func ("/clove/proxy/pages/long-detail", test_long_detail);
  g_test_add_func ("/clove/proxy/pages/pac", test_pac);
  return g_test_run ();
}
