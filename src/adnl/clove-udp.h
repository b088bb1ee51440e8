/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-address.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveUdp:
 *
 * One bound UDP socket with batched reads, served by the main context it was made in. Belongs to
 * the thread of that context.
 */
typedef struct _CloveUdp CloveUdp;

/**
 * CloveUdpFunc:
 * @data: one datagram, which the callee may overwrite; gone after the call
 * @size: its size in bytes
 * @from: who sent it
 *
 * Called for each datagram. May free the #CloveUdp; no further call follows then.
 */
typedef void (*CloveUdpFunc) (guint8 *data,
                              gsize size,
                              const CloveAddress *from,
                              gpointer user_data);

CloveUdp *clove_udp_new (const CloveAddress *address,
                         gsize max_datagram_size,
                         CloveUdpFunc on_datagram,
                         gpointer user_data,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void clove_udp_free (CloveUdp *self);

gboolean clove_udp_set_receive_buffer (CloveUdp *self, gsize size);
const CloveAddress *clove_udp_get_address (const CloveUdp *self);
gboolean clove_udp_send (CloveUdp *self,
                         const CloveAddress *to,
                         const guint8 *data,
                         gsize size,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveUdp, clove_udp_free)

G_END_DECLS
