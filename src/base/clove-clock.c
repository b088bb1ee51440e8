/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers live in a binary heap ordered by due time; timers of the same microsecond fire in the
 * order they were started. A timer knows its slot, so stopping it costs O(log n) and no search.
 */
#include "config.h"

#include "clove-clock.h"

/* Slots count from 1, so that a zeroed timer is a stopped one. */
#define SLOT_NONE         0
/* Coarse timers fall on a grid, so that many of them share one wake-up. */
#define COARSE_GRID_US    G_USEC_PER_SEC
/* A fake clock starts here: late enough that "an hour ago" is still a positive time. */
#define FAKE_START_US     (G_GINT64_CONSTANT (1000000) * G_USEC_PER_SEC)
#define FAKE_START_WALL_S G_GINT64_CONSTANT (1767225600)

struct _CloveClock {
  grefcount n_refs;

  /* Owned. */
  GPtrArray *heap; /* of borrowed CloveTimer, heap->pdata[slot - 1] */
  GSource *source; /* NULL in a fake clock */

  gint64 fake_now_us;
  gint64 fake_jump_s; /* how far the calendar got ahead of the time that passed */
  guint64 n_started;
};

static CloveTimer *
timer_at (CloveClock *self, guint slot)
{
  return g_ptr_array_index (self->heap, slot - 1);
}

static void
place (CloveClock *self, CloveTimer *timer, guint slot)
{
  self->heap->pdata[slot - 1] = timer;
  timer->slot = slot;
}

static gboolean
fires_before (const CloveTimer *a, const CloveTimer *b)
{
  return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void
sift_up (CloveClock *self, CloveTimer *timer)
{
  while (timer->slot > 1 && fires_before (timer, timer_at (self, timer->slot / 2))) {
    guint slot = timer->slot;

    place (self, timer_at (self, slot / 2), slot);
    place (self, timer, slot / 2);
  }
}

static void
sift_down (CloveClock *self, CloveTimer *timer)
{
  for (;;) {
    guint slot = timer->slot;
    guint child = slot * 2;

    if (child > self->heap->len)
      return;
    if (child < self->heap->len &&
        fires_before (timer_at (self, child + 1), timer_at (self, child)))
      child++;
    if (!fires_before (timer_at (self, child), timer))
      return;
    place (self, timer_at (self, child), slot);
    place (self, timer, child);
  }
}

static void
heap_remove (CloveClock *self, CloveTimer *timer)
{
  guint slot = timer->slot;
  CloveTimer *last = timer_at (self, self->heap->len);

  g_ptr_array_set_size (self->heap, (gint) self->heap->len - 1);
  timer->slot = SLOT_NONE;
  if (last == timer)
    return;
  place (self, last, slot);
  sift_up (self, last);
  sift_down (self, last);
}

/* Fire what is due at @now_us, timers that the callbacks start included. */
static void
fire_due (CloveClock *self, gint64 now_us)
{
  clove_clock_ref (self);
  while (self->heap->len > 0 && timer_at (self, 1)->due_us <= now_us) {
    CloveTimer *timer = timer_at (self, 1);

    heap_remove (self, timer);
    timer->callback (timer->user_data);
  }
  clove_clock_unref (self);
}

typedef struct {
  GSource source;
  CloveClock *clock;
} ClockSource;

static gint64
left_us (GSource *source)
{
  CloveClock *self = ((ClockSource *) source)->clock;

  return self->heap->len > 0 ? timer_at (self, 1)->due_us - g_source_get_time (source) : G_MAXINT64;
}

/*
 * The loop asks for the next due time each time it is about to wait. Telling it by
 * g_source_set_ready_time() whenever a timer moves would cost a system call each time, and another
 * to be woken by it.
 */
static gboolean
clock_source_prepare (GSource *source, gint *timeout_ms_out)
{
  gint64 wait_us = left_us (source);

  *timeout_ms_out = -1;
  if (wait_us <= 0)
    return TRUE;
  if (wait_us != G_MAXINT64)
    *timeout_ms_out = (gint) MIN ((wait_us - 1) / 1000 + 1, G_MAXINT);
  return FALSE;
}

static gboolean
clock_source_check (GSource *source)
{
  return left_us (source) <= 0;
}

static gboolean
clock_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  CloveClock *self = ((ClockSource *) source)->clock;

  fire_due (self, g_source_get_time (source));
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs clock_source_funcs = {
  .prepare = clock_source_prepare,
  .check = clock_source_check,
  .dispatch = clock_source_dispatch,
};

static CloveClock *
clock_new (void)
{
  CloveClock *self = g_new0 (CloveClock, 1);

  g_ref_count_init (&self->n_refs);
  self->heap = g_ptr_array_new ();
  return self;
}

/**
 * clove_clock_new:
 * @context: (nullable): where timers fire; %NULL for the default context
 *
 * Returns: (transfer full): the real clock
 */
CloveClock *
clove_clock_new (GMainContext *context)
{
  CloveClock *self = clock_new ();

  self->source = g_source_new (&clock_source_funcs, sizeof (ClockSource));
  ((ClockSource *) self->source)->clock = self;
  g_source_set_static_name (self->source, "clove-clock");
  g_source_attach (self->source, context);
  return self;
}

/** clove_clock_new_fake: (transfer full): A clock that only clove_clock_advance() moves. */
CloveClock *
clove_clock_new_fake (void)
{
  CloveClock *self = clock_new ();

  self->fake_now_us = FAKE_START_US;
  return self;
}

/** clove_clock_ref: (transfer full): Take a reference, in the clock's thread. */
CloveClock *
clove_clock_ref (CloveClock *self)
{
  g_ref_count_inc (&self->n_refs);
  return self;
}

/** clove_clock_unref: Drop a reference, in the clock's thread. Running timers just never fire. */
void
clove_clock_unref (CloveClock *self)
{
  if (!g_ref_count_dec (&self->n_refs))
    return;

  for (guint i = 0; i < self->heap->len; i++)
    timer_at (self, i + 1)->slot = SLOT_NONE;
  g_ptr_array_unref (self->heap);
  if (self->source != NULL) {
    g_source_destroy (self->source);
    g_source_unref (self->source);
  }
  g_free (self);
}

/** clove_clock_now_us: Get the monotonic time in microseconds; its zero has no meaning. */
gint64
clove_clock_now_us (CloveClock *self)
{
  return self->source != NULL ? g_get_monotonic_time () : self->fake_now_us;
}

/** clove_clock_wall_s: Get the calendar time, seconds since 1970, for dates on the wire. */
gint64
clove_clock_wall_s (CloveClock *self)
{
  if (self->source != NULL)
    return g_get_real_time () / G_USEC_PER_SEC;
  return FAKE_START_WALL_S + self->fake_jump_s +
         (self->fake_now_us - FAKE_START_US) / G_USEC_PER_SEC;
}

/**
 * clove_clock_advance_to_next:
 * @self: a fake clock
 *
 * Move to the due time of the next timer and fire what is due then.
 *
 * Returns: %FALSE when no timer is running; time then stands still
 */
gboolean
clove_clock_advance_to_next (CloveClock *self)
{
  g_return_val_if_fail (self->source == NULL, FALSE);

  if (self->heap->len == 0)
    return FALSE;
  self->fake_now_us = MAX (self->fake_now_us, timer_at (self, 1)->due_us);
  fire_due (self, self->fake_now_us);
  return TRUE;
}

/** clove_clock_advance: Move a fake clock by @interval_us, firing each timer at its own time. */
void
clove_clock_advance (CloveClock *self, gint64 interval_us)
{
  gint64 end_us = self->fake_now_us + interval_us;

  g_return_if_fail (self->source == NULL && interval_us >= 0);

  while (self->heap->len > 0 && timer_at (self, 1)->due_us <= end_us)
    clove_clock_advance_to_next (self);
  self->fake_now_us = end_us;
}

/**
 * clove_clock_jump_wall_s:
 * @self: a fake clock
 * @jump_s: how far; back if negative
 *
 * Move the calendar alone, as a computer sees it that was suspended or whose clock was set. No time
 * passes for timers.
 */
void
clove_clock_jump_wall_s (CloveClock *self, gint64 jump_s)
{
  g_return_if_fail (self->source == NULL);

  self->fake_jump_s += jump_s;
}

/**
 * clove_timer_init:
 * @timer: a timer in its owner's struct
 * @clock: the clock, borrowed; it outlives the timer's use
 * @callback: what to do when the time is up
 * @user_data: for @callback
 *
 * Set up a stopped timer.
 */
void
clove_timer_init (CloveTimer *timer, CloveClock *clock, CloveTimerFunc callback, gpointer user_data)
{
  *timer = (CloveTimer){ .clock = clock, .callback = callback, .user_data = user_data };
}

static void
start_at (CloveTimer *timer, gint64 due_us)
{
  CloveClock *clock = timer->clock;

  if (timer->slot != SLOT_NONE)
    heap_remove (clock, timer);
  timer->due_us = due_us;
  timer->order = clock->n_started++;
  g_ptr_array_add (clock->heap, timer);
  place (clock, timer, clock->heap->len);
  sift_up (clock, timer);
}

/** clove_timer_start: Fire once after @delay_us; a running timer is started anew. */
void
clove_timer_start (CloveTimer *timer, gint64 delay_us)
{
  start_at (timer, clove_clock_now_us (timer->clock) + MAX (delay_us, 0));
}

/**
 * clove_timer_start_coarse:
 * @timer: a timer
 * @delay_us: the shortest delay
 *
 * Fire once after @delay_us or up to one second later, together with other coarse timers: for
 * housekeeping that need not wake an idle machine on its own.
 */
void
clove_timer_start_coarse (CloveTimer *timer, gint64 delay_us)
{
  gint64 due_us = clove_clock_now_us (timer->clock) + MAX (delay_us, 0);

  start_at (timer, (due_us + COARSE_GRID_US - 1) / COARSE_GRID_US * COARSE_GRID_US);
}

/** clove_timer_stop: Make sure that the timer does not fire; a stopped timer stays stopped. */
void
clove_timer_stop (CloveTimer *timer)
{
  if (timer->slot == SLOT_NONE)
    return;
  heap_remove (timer->clock, timer);
}

/** clove_timer_is_running: Tell whether the timer will fire. */
gboolean
clove_timer_is_running (const CloveTimer *timer)
{
  return timer->slot != SLOT_NONE;
}

/** clove_timer_get_due_us: Get the time at which a running timer fires, on its clock. */
gint64
clove_timer_get_due_us (const CloveTimer *timer)
{
  return timer->due_us;
}
