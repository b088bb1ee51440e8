/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-blacklist.h"
#include "clove-clock.h"
#include "clove-relay-list.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A directory that takes longer than this to arrive is given up. */
#define CLOVE_DIRECTORY_TIMEOUT_US (G_GINT64_CONSTANT (10) * G_USEC_PER_SEC)

/**
 * CloveDirectoryOrigin:
 * @CLOVE_DIRECTORY_ORIGIN_NONE: there is no list yet
 * @CLOVE_DIRECTORY_ORIGIN_FETCHED: fetched from the web since the start
 * @CLOVE_DIRECTORY_ORIGIN_FILE: read from a file of the user's
 * @CLOVE_DIRECTORY_ORIGIN_CACHE: the copy of an earlier run, since fetching failed
 *
 * Where the list at hand came from.
 */
typedef enum {
  CLOVE_DIRECTORY_ORIGIN_NONE,
  CLOVE_DIRECTORY_ORIGIN_FETCHED,
  CLOVE_DIRECTORY_ORIGIN_FILE,
  CLOVE_DIRECTORY_ORIGIN_CACHE,
} CloveDirectoryOrigin;

/**
 * CloveDirectory:
 *
 * Knows the relays: loads their list, and keeps the last good one when a new one cannot be had.
 * Belongs to one thread and uses its thread-default context; checking and saving a list happens in
 * helper threads, which see only immutable values. Only the blacklist and its four functions are
 * for any thread that holds a reference.
 *
 * Signal "changed": another list is at hand.
 */
#define CLOVE_TYPE_DIRECTORY (clove_directory_get_type ())
G_DECLARE_FINAL_TYPE (CloveDirectory, clove_directory, CLOVE, DIRECTORY, GObject)

char *clove_directory_get_default_cache_folder (void) G_GNUC_WARN_UNUSED_RESULT;

CloveDirectory *clove_directory_new (CloveClock *clock, const char *cache_folder)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_directory_set_tls_database (CloveDirectory *self, GTlsDatabase *tls_database);

void clove_directory_load_async (CloveDirectory *self,
                                 const char *location,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean clove_directory_load_finish (CloveDirectory *self, GAsyncResult *result, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

CloveRelayList *clove_directory_get_list (CloveDirectory *self);
CloveDirectoryOrigin clove_directory_get_origin (CloveDirectory *self);
const char *clove_directory_get_location (CloveDirectory *self);
gint64 clove_directory_get_age_s (CloveDirectory *self);
const GError *clove_directory_get_problem (CloveDirectory *self);

CloveBlacklist *clove_directory_get_blacklist (CloveDirectory *self);
void clove_directory_mark_failed (CloveDirectory *self,
                                  const CloveAddress *address,
                                  const char *reason);
void clove_directory_mark_success (CloveDirectory *self, const CloveAddress *address);
gboolean clove_directory_is_blacklisted (CloveDirectory *self, const CloveAddress *address);

G_END_DECLS
