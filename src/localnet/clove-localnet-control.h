/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-localnet.h"

#include <gio/gio.h>
#include <glib.h>

G_BEGIN_DECLS

/* Programs that may hold the control socket open at one time; more are turned away. */
#define CLOVE_LOCALNET_MAX_CLIENTS 16

/**
 * CloveLocalnetControl:
 *
 * Takes control lines from streams and answers each.
 */
typedef struct _CloveLocalnetControl CloveLocalnetControl;

typedef void (*CloveLocalnetEndFunc) (gpointer user_data);

CloveLocalnetControl *clove_localnet_control_new (CloveLocalnet *localnet)
  G_GNUC_WARN_UNUSED_RESULT;
void clove_localnet_control_free (CloveLocalnetControl *self);

void clove_localnet_control_add (CloveLocalnetControl *self,
                                 GInputStream *input,
                                 GOutputStream *output,
                                 CloveLocalnetEndFunc on_end,
                                 gpointer user_data);
gboolean clove_localnet_control_listen (CloveLocalnetControl *self,
                                        const char *path,
                                        GError **error);

int clove_localnet_ctl (const char *socket_path, const char *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveLocalnetControl, clove_localnet_control_free)

G_END_DECLS
