/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-message.h"

#include <glib.h>

G_BEGIN_DECLS

/*
 * Messages that may be in the making at one time; the oldest gives way. Bounds memory per peer.
 * The reference sends each reply in a thread of its own, so that the parts of all that are on their
 * way, and of all chunks of a large one, come mixed.
 */
#define CLOVE_ADNL_MAX_ASSEMBLIES 128

/**
 * CloveAdnlParts:
 *
 * Joins the parts of long messages of one peer. Pure: no clock, no socket; at most
 * %CLOVE_ADNL_MAX_ASSEMBLIES times 8320 bytes.
 */
typedef struct _CloveAdnlParts CloveAdnlParts;

CloveAdnlParts *clove_adnl_parts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void clove_adnl_parts_free (CloveAdnlParts *self);

gboolean clove_adnl_parts_add (CloveAdnlParts *self,
                               const CloveAdnlMessage *part,
                               const guint8 **joined_out,
                               gsize *size_out,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveAdnlParts, clove_adnl_parts_free)

G_END_DECLS
