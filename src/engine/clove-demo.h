/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib-object.h>

G_BEGIN_DECLS

/* The site that every localnet has. */
#define CLOVE_DEMO_URL "http://demo.ton/"

/**
 * CloveDemo:
 *
 * A localnet of our own in a child process: the Tonnet on this machine alone. The child ends when
 * this object goes, or when our process does: its standard input closes then. The temporary folder
 * goes with this object; after a SIGKILL it stays, with one small file, until the system clears
 * its folder for temporary files. Others' left-overs are not looked for: a folder that seems dead
 * may belong to a demo that is just starting.
 *
 * Signal "ended" (): the localnet was ready and has ended by itself, or by another's hand.
 */
#define CLOVE_TYPE_DEMO (clove_demo_get_type ())
G_DECLARE_FINAL_TYPE (CloveDemo, clove_demo, CLOVE, DEMO, GObject)

CloveDemo *clove_demo_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_demo_start_async (CloveDemo *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean clove_demo_start_finish (CloveDemo *self, GAsyncResult *result, GError **error);
const char *clove_demo_get_directory (CloveDemo *self);
const char *clove_demo_get_control (CloveDemo *self);
const char *clove_demo_get_program (CloveDemo *self);

G_END_DECLS
