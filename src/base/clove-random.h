/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveRandom:
 *
 * A source of random choices: which relays, how much jitter, which faults. The normal source is the
 * system's cryptographic one; a seeded one repeats a run exactly and is for tests, the localnet and
 * reproductions. Keys and nonces never come from here. Not to be shared between threads.
 */
typedef struct _CloveRandom CloveRandom;

CloveRandom *clove_random_new (void) G_GNUC_WARN_UNUSED_RESULT;
CloveRandom *clove_random_new_seeded (guint64 seed) G_GNUC_WARN_UNUSED_RESULT;
CloveRandom *clove_random_ref (CloveRandom *self);
void clove_random_unref (CloveRandom *self);

void clove_random_bytes (CloveRandom *self, guint8 *bytes_out, gsize size);
guint32 clove_random_uniform (CloveRandom *self, guint32 upper_bound);
gdouble clove_random_unit (CloveRandom *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveRandom, clove_random_unref)

G_END_DECLS
