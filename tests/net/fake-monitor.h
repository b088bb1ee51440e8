/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FakeMonitor:
 *
 * A network monitor that says what a test wants, in the thread that wants it.
 */
#define FAKE_TYPE_MONITOR (fake_monitor_get_type ())
G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

FakeMonitor *fake_monitor_new (void) G_GNUC_WARN_UNUSED_RESULT;
void fake_monitor_set_available (FakeMonitor *self, gboolean is_available);
void fake_monitor_set_metered (FakeMonitor *self, gboolean is_metered);
void fake_monitor_change (FakeMonitor *self);

G_END_DECLS
