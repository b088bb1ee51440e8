/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-tray-words.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveTrayModel:
 *
 * The running program as it shows itself on the session bus. It holds nothing that the program did
 * not say, and asks for nothing twice.
 *
 * Signal "changed" (): the state is another one.
 * Signal "gone" (): the program is not there, or no longer.
 */
#define CLOVE_TYPE_TRAY_MODEL (clove_tray_model_get_type ())
G_DECLARE_FINAL_TYPE (CloveTrayModel, clove_tray_model, CLOVE, TRAY_MODEL, GObject)

CloveTrayModel *clove_tray_model_new (void) G_GNUC_WARN_UNUSED_RESULT;
const CloveTrayState *clove_tray_model_get_state (CloveTrayModel *self);
void clove_tray_model_activate (CloveTrayModel *self, const char *action);

G_END_DECLS
