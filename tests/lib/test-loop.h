/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TestCondition: Tells whether what a test waits for has happened.
 */
typedef gboolean (*TestCondition) (gpointer user_data);

void test_loop_run_until (CloveClock *clock, TestCondition condition, gpointer user_data);
gboolean test_loop_try_until (CloveClock *clock,
                              TestCondition condition,
                              gpointer user_data,
                              gint64 timeout_us);
void test_loop_run_for (CloveClock *clock, gint64 interval_us);
void test_loop_settle (void);
void test_loop_advance (CloveClock *clock, gint64 interval_us);
GAsyncResult *test_loop_wait (CloveClock *clock, GAsyncResult **result);
void test_loop_on_ready (GObject *source, GAsyncResult *result, gpointer user_data);

G_END_DECLS
