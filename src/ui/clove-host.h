/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-settings.h"
#include "clove-snapshot.h"

G_BEGIN_DECLS

/**
 * CloveHost:
 *
 * The engine as the application sees it: on or off, on the Tonnet or on a demo network, begun anew
 * when a setting needs it. Belongs to the user's thread.
 *
 * Signal "changed" (): there is another snapshot, or it was switched on or off.
 * Signal "stopped" (): it is off, after clove_host_stop() or a failure.
 */
#define CLOVE_TYPE_HOST (clove_host_get_type ())
G_DECLARE_FINAL_TYPE (CloveHost, clove_host, CLOVE, HOST, GObject)

CloveHost *clove_host_new (CloveSettings *settings) G_GNUC_WARN_UNUSED_RESULT;

void clove_host_start (CloveHost *self, gboolean is_demo);
void clove_host_stop (CloveHost *self);
gboolean clove_host_is_on (CloveHost *self);
gboolean clove_host_is_stopping (CloveHost *self);
gboolean clove_host_is_demo (CloveHost *self);
const char *clove_host_get_control (CloveHost *self);
const char *clove_host_get_trouble (CloveHost *self);

CloveSnapshot *clove_host_get_snapshot (CloveHost *self);
void clove_host_rebuild (CloveHost *self);
void clove_host_choose_new_entries (CloveHost *self);
void clove_host_reload_directory (CloveHost *self);
void clove_host_mark_relay (CloveHost *self, const char *address, CloveRelayMark mark);

G_END_DECLS
