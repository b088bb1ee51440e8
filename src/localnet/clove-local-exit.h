/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-local-pacer.h"
#include "clove-origin.h"

#include <glib.h>

G_BEGIN_DECLS

/* Requests that one exit has under way for all its circuits. */
#define CLOVE_LOCAL_EXIT_MAX_JOBS 512

/**
 * CloveLocalExit:
 *
 * What an exit does with the objects that have shed their last layer: opens and closes streams,
 * asks sites, sends replies. Knows circuits by their ids only; the relay seals.
 */
typedef struct _CloveLocalExit CloveLocalExit;

CloveLocalExit *clove_local_exit_new (CloveClock *clock,
                                      CloveOrigin *origin,
                                      CloveLocalPieceFunc send,
                                      gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_exit_free (CloveLocalExit *self);
void clove_local_exit_play_reference (CloveLocalExit *self, CloveRandom *random);
void clove_local_exit_set_lying (CloveLocalExit *self, gboolean is_lying);

void clove_local_exit_handle (CloveLocalExit *self,
                              const guint8 circuit_id[static CLOVE_INT256_SIZE],
                              const guint8 *object,
                              gsize size);
void clove_local_exit_close_circuit (CloveLocalExit *self,
                                     const guint8 circuit_id[static CLOVE_INT256_SIZE]);
guint clove_local_exit_get_n_streams (const CloveLocalExit *self);
guint clove_local_exit_get_n_requests (const CloveLocalExit *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalExit, clove_local_exit_free)

G_END_DECLS
