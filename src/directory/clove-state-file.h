/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-state.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveStateFile:
 *
 * Where the state lives between runs: state.json in a folder of its own, for this user's eyes only.
 * Belongs to one thread; clove_state_file_save_async() works in another, on values of its own.
 */
typedef struct _CloveStateFile CloveStateFile;

char *clove_state_file_get_default_folder (void) G_GNUC_WARN_UNUSED_RESULT;

CloveStateFile *clove_state_file_new (CloveClock *clock, const char *folder)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_state_file_free (CloveStateFile *self);

CloveState *clove_state_file_load (CloveStateFile *self, char **warning_out)
  G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_state_file_save (CloveStateFile *self, const CloveState *state, GError **error);
void clove_state_file_save_async (CloveStateFile *self,
                                  CloveState *state,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean clove_state_file_save_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveStateFile, clove_state_file_free)

G_END_DECLS
