/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CloveClock:
 *
 * Time and timers of one thread. A real clock fires its timers from one source on a #GMainContext;
 * a fake one stands still until a test moves it, so that a ten-minute ban takes no time.
 * Everything below the engine takes its time from a clock, never from the system.
 */
typedef struct _CloveClock CloveClock;

/**
 * CloveTimer:
 *
 * A one-shot timer, embedded in the struct of its owner. The owner stops it (clove_timer_stop())
 * before its struct goes. Callbacks run in the clock's thread and may start or stop any timer.
 */
typedef void (*CloveTimerFunc) (gpointer user_data);

typedef struct {
  /*< private >*/
  CloveClock *clock;
  CloveTimerFunc callback;
  gpointer user_data;
  gint64 due_us;
  guint64 order;
  guint slot;
} CloveTimer;

CloveClock *clove_clock_new (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
CloveClock *clove_clock_new_fake (void) G_GNUC_WARN_UNUSED_RESULT;
CloveClock *clove_clock_ref (CloveClock *self);
void clove_clock_unref (CloveClock *self);

gint64 clove_clock_now_us (CloveClock *self);
gint64 clove_clock_wall_s (CloveClock *self);

gboolean clove_clock_advance_to_next (CloveClock *self);
void clove_clock_advance (CloveClock *self, gint64 interval_us);
void clove_clock_jump_wall_s (CloveClock *self, gint64 jump_s);

void clove_timer_init (CloveTimer *timer,
                       CloveClock *clock,
                       CloveTimerFunc callback,
                       gpointer user_data);
void clove_timer_start (CloveTimer *timer, gint64 delay_us);
void clove_timer_start_coarse (CloveTimer *timer, gint64 delay_us);
void clove_timer_stop (CloveTimer *timer);
gboolean clove_timer_is_running (const CloveTimer *timer);
gint64 clove_timer_get_due_us (const CloveTimer *timer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CloveClock, clove_clock_unref)

G_END_DECLS
