/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"
#include "clove-clock.h"
#include "clove-random.h"

#include <glib.h>

G_BEGIN_DECLS

/* Messages that are on their way to clients at one time. */
#define CLOVE_LOCAL_MIXER_MAX 64

/**
 * CloveLocalMixer:
 *
 * The reference sends each message to a client from a thread of its own, so that the datagrams of
 * all that are on their way come mixed. This plays it: the datagrams of one message keep their
 * order, and which message goes on next is drawn.
 */
typedef struct _CloveLocalMixer CloveLocalMixer;

/**
 * CloveLocalMixerFunc:
 *
 * Sends a datagram; may not call the mixer.
 */
typedef void (*CloveLocalMixerFunc) (guint8 *data,
                                     gsize size,
                                     const CloveAddress *to,
                                     gpointer user_data);

CloveLocalMixer *clove_local_mixer_new (CloveClock *clock,
                                        CloveRandom *random,
                                        CloveLocalMixerFunc send,
                                        gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_mixer_free (CloveLocalMixer *self);

void clove_local_mixer_begin (CloveLocalMixer *self);
gboolean clove_local_mixer_take (CloveLocalMixer *self,
                                 const guint8 *data,
                                 gsize size,
                                 const CloveAddress *to) G_GNUC_WARN_UNUSED_RESULT;
void clove_local_mixer_end (CloveLocalMixer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalMixer, clove_local_mixer_free)

G_END_DECLS
