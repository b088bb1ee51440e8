/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"
#include "clove-directory.h"
#include "clove-random.h"

G_BEGIN_DECLS

/* After a good load the list is loaded again within half and one and a half of this. */
#define CLOVE_DIRECTORY_REFRESH_PERIOD_US        (G_GINT64_CONSTANT (6 * 3600) * G_USEC_PER_SEC)
/* After a bad one, after a pause that grows from the first to the second. */
#define CLOVE_DIRECTORY_REFRESH_FIRST_PAUSE_US   (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)
#define CLOVE_DIRECTORY_REFRESH_LONGEST_PAUSE_US (G_GINT64_CONSTANT (300) * G_USEC_PER_SEC)

/**
 * CloveDirectoryRefresh:
 *
 * Decides when a directory is loaded: at once, again from time to time, and sooner when it could
 * not be had. Belongs to the directory's thread.
 *
 * Signal "list-changed" (): the directory has other relays than before. A list that names the same
 * ones is no news, however often it is loaded.
 *
 * Signal "changed" (): a load has begun or ended; in the second case after "list-changed".
 */
#define CLOVE_TYPE_DIRECTORY_REFRESH (clove_directory_refresh_get_type ())
G_DECLARE_FINAL_TYPE (CloveDirectoryRefresh,
                      clove_directory_refresh,
                      CLOVE,
                      DIRECTORY_REFRESH,
                      GObject)

CloveDirectoryRefresh *clove_directory_refresh_new (CloveDirectory *directory,
                                                    const char *location,
                                                    CloveClock *clock,
                                                    CloveRandom *random)
  G_GNUC_WARN_UNUSED_RESULT;

void clove_directory_refresh_load (CloveDirectoryRefresh *self);
void clove_directory_refresh_stop (CloveDirectoryRefresh *self);

gboolean clove_directory_refresh_is_loading (CloveDirectoryRefresh *self);
gint64 clove_directory_refresh_get_next_us (CloveDirectoryRefresh *self);
const GError *clove_directory_refresh_get_problem (CloveDirectoryRefresh *self);

G_END_DECLS
