/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveShutdownWatch:
 *
 * Notices that the computer is about to be switched off, and asks it to wait a moment for that.
 * Belongs to one thread and uses its thread-default context.
 */
typedef struct _CloveShutdownWatch CloveShutdownWatch;

/**
 * CloveShutdownFunc: Called just before the computer is switched off; the computer waits until the
 * watch is freed, some seconds at most. Must not free the watch.
 */
typedef void (*CloveShutdownFunc) (gpointer user_data);

CloveShutdownWatch *clove_shutdown_watch_new (const char *bus_address,
                                              const char *who,
                                              CloveShutdownFunc on_shutdown,
                                              gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_shutdown_watch_free (CloveShutdownWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveShutdownWatch, clove_shutdown_watch_free)

G_END_DECLS
