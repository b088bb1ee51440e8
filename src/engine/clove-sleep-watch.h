/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"

G_BEGIN_DECLS

/**
 * CloveSleepWatch:
 *
 * Notices that the machine is about to sleep and that it woke. Belongs to one thread and uses its
 * thread-default context.
 */
typedef struct _CloveSleepWatch CloveSleepWatch;

/**
 * CloveSleepWatchFunc:
 * @is_asleep: %TRUE just before the machine sleeps, if it says so; %FALSE after it woke
 * @user_data: as given
 *
 * Must not free the watch.
 */
typedef void (*CloveSleepWatchFunc) (gboolean is_asleep, gpointer user_data);

CloveSleepWatch *clove_sleep_watch_new (CloveClock *clock,
                                        const char *bus_address,
                                        CloveSleepWatchFunc on_sleep,
                                        gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void clove_sleep_watch_free (CloveSleepWatch *self);

gboolean clove_sleep_watch_is_connected (CloveSleepWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveSleepWatch, clove_sleep_watch_free)

G_END_DECLS
