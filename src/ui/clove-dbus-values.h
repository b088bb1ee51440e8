/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The properties of the bus, made from a snapshot. Pure. */
#pragma once

#include "clove-snapshot.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CloveDbusMoment:
 * @now_us: the monotonic time
 * @wall_us: the time since 1970 at that moment
 */
typedef struct {
  gint64 now_us;
  gint64 wall_us;
} CloveDbusMoment;

/* One more than the properties; the last element is %NULL. */
extern const char *const clove_dbus_property_names[];

GVariant *clove_dbus_value (const CloveSnapshot *snapshot,
                            const char *trouble,
                            const CloveDbusMoment *moment,
                            const char *property) G_GNUC_WARN_UNUSED_RESULT;
gboolean clove_dbus_value_is_same (const char *property, GVariant *before, GVariant *after);

G_END_DECLS
