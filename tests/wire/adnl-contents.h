/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-adnl-packet.h"
#include "test-vectors.h"

G_BEGIN_DECLS

gboolean adnl_contents_find_type (const char *text, CloveAdnlMessageType *type_out);
void adnl_contents_fill (CloveAdnlPacket *out,
                         const CloveAdnlPacket *parsed,
                         JsonObject *contents,
                         GPtrArray *keep);
void adnl_contents_assert_same (const CloveAdnlPacket *actual, const CloveAdnlPacket *expected);
GBytes *adnl_contents_write (const CloveAdnlPacket *packet);

G_END_DECLS
