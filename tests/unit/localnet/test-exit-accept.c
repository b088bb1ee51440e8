/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-exit-accept.h"

static void
test_quality (void)
{
  static const struct {
    const char *accept;
    guint plain;
    guint html;
  } cases[] = {
    { NULL, 1000, 1000 },
    { "", 0, 0 },
    { ",,", 0, 0 },
    { ";", 0, 0 },
    { "*/*", 1000, 1000 },
    { "text/*", 1000, 1000 },
    { "text/*;q=0.3, */*;q=0.9", 300, 300 },
    { "text/plain, text/html;q=0.5, */*;q=0.1", 1000, 500 },
    { "*/*;q=0.1, text/html;q=0.5, text/plain", 1000, 500 },
    { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 800, 1000 },
    { "TEXT/Plain ; Q=0.25", 250, 0 },
    { "text/plain;q=0, */*", 0, 1000 },
    { "text/plain;q=1.000", 1000, 0 },
    { "text/plain;q=0.999", 999, 0 },
    { "text/plain;q=1.001", 0, 0 },
    { "text/plain;q=0.1234", 0, 0 },
    { "text/plain;q=2", 0, 0 },
    { "text/plain;q=-1", 0, 0 },
    { "text/plain;q=", 0, 0 },
    { "text/plain;q=x", 0, 0 },
    { "text/plain;q=0.x", 0, 0 },
    { "text/plain;format=flowed, */*;q=0.2", 200, 200 },
    { "textual/plain, text/plainer, text, tex", 0, 0 },
    { "image/*", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%s", cases[i].accept);
    g_assert_cmpuint (clove_exit_accept_get_quality (cases[i].accept, "text/plain"), ==,
                      cases[i].plain);
    g_assert_cmpuint (clove_exit_accept_get_quality (cases[i].accept, "text/html"), ==,
                      cases[i].html);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clove/localnet/exit-accept/quality", test_quality);
  return g_test_run ();
}
