/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two lines of KDE's file come and go; every other byte stays. */
#include "config.h"

#include "clove-desktop-error.h"
#include "clove-kioslaverc.h"

#include <string.h>

#define URL   "http://127.0.0.1:8080/proxy.pac"
#define OURS  "ProxyType=2\nProxy Config Script=" URL
#define GROUP "[Proxy Settings]\n"

/* A carriage return goes with its line and comes back with it: ours have none. */
static const struct {
  const char *name;
  const char *before;
  const char *after;
} cases[] = {
  { "empty", "", GROUP OURS "\n" },
  { "no-group", "[A]\nb=c\n", "[A]\nb=c\n" GROUP OURS "\n" },
  { "no-final-newline", "[A]\nb=c", "[A]\nb=c\n" GROUP OURS },
  { "empty-group", GROUP, GROUP OURS "\n" },
  { "empty-group-no-newline", "[Proxy Settings]", GROUP OURS },
  { "group-first", GROUP "NoProxyFor=x\n\n[B]\nc=d\n", GROUP OURS "\nNoProxyFor=x\n\n[B]\nc=d\n" },
  { "other-type", GROUP "ProxyType=0\nhttpProxy=http://a 80\n",
    GROUP "Proxy Config Script=" URL "\nProxyType=2\nhttpProxy=http://a 80\n" },
  { "other-script", GROUP "Proxy Config Script=http://a/b\nProxyType=1",
    GROUP "Proxy Config Script=" URL "\nProxyType=2" },
  { "comments", "# ProxyType=7\n" GROUP "#ProxyType=8\n \t# ProxyType=9\n# end",
    "# ProxyType=7\n" GROUP OURS "\n#ProxyType=8\n \t# ProxyType=9\n# end" },
  { "blanks", " [ Proxy Settings ]\n\tProxyType =  4 \n",
    " [ Proxy Settings ]\nProxy Config Script=" URL "\nProxyType=2\n" },
  { "options", GROUP "ProxyType[$e]=$TYPE\n",
    GROUP "Proxy Config Script=" URL "\nProxyType=2\n" },
  { "languages", GROUP "ProxyType[de]=4\n", GROUP OURS "\nProxyType[de]=4\n" },
  { "carriage-returns", "[Proxy Settings]\r\nProxyType=0\r\n",
    "[Proxy Settings]\r\nProxy Config Script=" URL "\nProxyType=2\n" },
  { "subgroup", "[Proxy Settings][Sub]\nProxyType=5\n",
    "[Proxy Settings][Sub]\nProxyType=5\n" GROUP OURS "\n" },
  { "group-twice", GROUP "ProxyType=1\n[A]\n" GROUP "ProxyType=3\n",
    GROUP "Proxy Config Script=" URL "\nProxyType=1\n[A]\n" GROUP "ProxyType=2\n" },
  { "outside", "ProxyType=3\n[A]\nProxyType=4\n",
    "ProxyType=3\n[A]\nProxyType=4\n" GROUP OURS "\n" },
  { "not-an-entry", GROUP "ProxyType\n=\n", GROUP OURS "\nProxyType\n=\n" },
  { "utf-8", "[Ä]\nß=\xe2\x80\xa8\n", "[Ä]\nß=\xe2\x80\xa8\n" GROUP OURS "\n" },
};

static char *
write_ours (const char *text)
{
  g_auto (CloveProxyValues) ours = { 0 };

  clove_kioslaverc_make (&ours, URL);
  return clove_kioslaverc_write (text, &ours);
}

static void
read_all (const char *text, CloveProxyValues *out)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_kioslaverc_read (text, strlen (text), out, &error));
  g_assert_no_error (error);
}

static void
test_there_and_back (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (CloveProxyValues) old = { 0 };
  g_auto (CloveProxyValues) now = { 0 };
  g_autofree char *changed = write_ours (cases[i].before);
  g_autofree char *back = NULL;
  g_autofree char *url = NULL;
  g_autofree char *old_url = NULL;

  g_assert_cmpstr (changed, ==, cases[i].after);
  read_all (cases[i].before, &old);
  old_url = clove_kioslaverc_get_url (&old);
  g_assert_null (old_url);
  read_all (changed, &now);
  url = clove_kioslaverc_get_url (&now);
  g_assert_cmpstr (url, ==, URL);
  back = clove_kioslaverc_write (changed, &old);
  g_assert_cmpstr (back, ==, cases[i].before);
}

/* Once more with another port: the lines move, and nothing else does. */
static void
test_moves (void)
{
  g_auto (CloveProxyValues) other = { 0 };

  clove_kioslaverc_make (&other, "http://[::1]:9/proxy.pac");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *once = write_ours (cases[i].before);
    g_autofree char *twice = clove_kioslaverc_write (once, &other);
    g_autofree char *again = write_ours (twice);
    g_autofree char *same = write_ours (again);

    g_assert_cmpstr (once, !=, twice);
    g_assert_cmpstr (again, ==, once);
    g_assert_cmpstr (same, ==, once);
  }
}

/* KDE wrote the file anew meanwhile, in its own order and with more in it. */
static void
test_changed_meanwhile (void)
{
  g_auto (CloveProxyValues) old = { 0 };
  g_autofree char *back = NULL;

  read_all ("", &old);
  old.place = CLOVE_PROXY_PLACE_NONE;
  back = clove_kioslaverc_write (
    "[$Version]\nupdate_info=x\n\n[Proxy Settings]\nAuthMode=0\nProxy Config Script=" URL
    "\nProxyType=2\n",
    &old);
  g_assert_cmpstr (back, ==, "[$Version]\nupdate_info=x\n\n[Proxy Settings]\nAuthMode=0\n");
}

static void
test_url (void)
{
  static const struct {
    const char *text;
    const char *url;
  } texts[] = {
    { GROUP "ProxyType=2\nProxy Config Script=http://a/b\n", "http://a/b" },
    { GROUP "ProxyType = 2 \nProxy Config Script = http://a/b \n", "http://a/b" },
    { GROUP "ProxyType=2\nProxy Config Script=\n", "" },
    { GROUP "ProxyType=2\n", NULL },
    { GROUP "ProxyType=22\nProxy Config Script=http://a/b\n", NULL },
    { GROUP "ProxyType=0\nProxy Config Script=http://a/b\n", NULL },
    { GROUP "Proxy Config Script=http://a/b\n", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (CloveProxyValues) values = { 0 };
    g_autofree char *url = NULL;

    read_all (texts[i].text, &values);
    url = clove_kioslaverc_get_url (&values);
    g_assert_cmpstr (url, ==, texts[i].url);
  }
}

static void
test_locked (void)
{
  static const char *const texts[] = {
    "[$i]\n[A]\nb=c\n",
    "[Proxy Settings][$i]\n",
    GROUP "ProxyType[$i]=0\n",
    GROUP "Proxy Config Script[$ei]=x\n",
  };
  static const char *const open_texts[] = {
    "[A][$i]\nb[$i]=c\n",
    GROUP "NoProxyFor[$i]=x\n",
    GROUP "ProxyType=0\nProxy Config Script=[$i]\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (CloveProxyValues) values = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_kioslaverc_read (texts[i], strlen (texts[i]), &values, &error));
    g_assert_error (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_LOCKED);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (open_texts); i++) {
    g_auto (CloveProxyValues) values = { 0 };

    read_all (open_texts[i], &values);
  }
}

static void
test_garbled (void)
{
  g_autofree char *large = g_strnfill (CLOVE_KIOSLAVERC_MAX_SIZE + 1, '\n');
  const struct {
    const char *text;
    gsize size;
  } texts[] = {
    { "[A]\nb=\xff\n", 7 },
    { "[A]\0b=c\n", 8 },
    { large, CLOVE_KIOSLAVERC_MAX_SIZE + 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (CloveProxyValues) values = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (clove_kioslaverc_read (texts[i].text, texts[i].size, &values, &error));
    g_assert_error (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add_func ("/clove/desktop/kioslaverc/" name, function)
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path =
      g_strconcat ("/clove/desktop/kioslaverc/there-and-back/", cases[i].name, NULL);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_there_and_back);
  }
  ADD ("moves", test_moves);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("url", test_url);
  ADD ("locked", test_locked);
  ADD ("garbled", test_garbled);
#undef ADD
  return g_test_run ();
}
