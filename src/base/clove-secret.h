/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveSecret:
 *
 * Long-lived secret bytes in memory that is guarded, kept out of swap where the system allows it,
 * and wiped when freed. Not to be shared between threads without a lock.
 */
typedef struct _CloveSecret CloveSecret;

CloveSecret *clove_secret_new (gsize size) G_GNUC_WARN_UNUSED_RESULT;
CloveSecret *clove_secret_new_copy (const guint8 *bytes, gsize size) G_GNUC_WARN_UNUSED_RESULT;
void clove_secret_free (CloveSecret *self);

guint8 *clove_secret_get (CloveSecret *self);
const guint8 *clove_secret_peek (const CloveSecret *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveSecret, clove_secret_free)

G_END_DECLS
