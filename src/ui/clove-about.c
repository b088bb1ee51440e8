/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-about.h"

#include <glib/gi18n.h>

/* What somebody who helps needs to know, and nothing that tells of the user. */
static char *
make_debug_info (void)
{
  return g_strdup_printf ("Clove %s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\n",
                          CLOVE_VERSION, gtk_get_major_version (), gtk_get_minor_version (),
                          gtk_get_micro_version (), adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version (), glib_major_version,
                          glib_minor_version, glib_micro_version);
}

/** clove_about_present: (transfer none): Say what Clove is, in a window over @parent. */
GtkWidget *
clove_about_present (GtkWindow *parent)
{
  g_autofree char *debug_info = make_debug_info ();
  GtkWidget *about = adw_about_window_new ();

  g_object_set (about, "application-name", "Clove", "application-icon", CLOVE_APP_ID, "version",
                CLOVE_VERSION, "developer-name", _ ("The Clove developers"), "license-type",
                GTK_LICENSE_GPL_3_0, "debug-info", debug_info, "debug-info-filename",
                "clove-debug-info.txt", "comments",
                _ ("Opens TON sites in any browser through a 3-hop circuit of relays, notices "
                   "when relays stop answering, and replaces them.\n\nA site sees the exit relay, "
                   "not you. The entry relay sees your address, but not the site, as long as the "
                   "three relays do not work together. Clove makes nobody untraceable."),
                /* Translators: write your names here, one a line */
                "translator-credits", _ ("translator-credits"), "transient-for", parent, "modal",
                TRUE, "destroy-with-parent", TRUE, NULL);
  gtk_window_present (GTK_WINDOW (about));
  return about;
}
