/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove: the desktop program. */
#include "config.h"

#include "clove-application.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>

/* Building a window takes and frees megabytes; without a fixed bound the C library would keep them
 * for ever, since the bound it begins with grows with each large piece that is freed. */
#define TRIM_SIZE (128 * 1024)

int
main (int argc, char *argv[])
{
  g_autoptr (CloveApplication) application = NULL;

#ifdef M_TRIM_THRESHOLD
  mallopt (M_TRIM_THRESHOLD, TRIM_SIZE); /* NOLINT(concurrency-mt-unsafe): as below */
#endif
  setlocale (LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe): the only thread so far */
  bindtextdomain (GETTEXT_PACKAGE, CLOVE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name ("Clove");
  application = clove_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
