/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-herald.h"

typedef enum {
  CONDITION_GOOD,
  CONDITION_IDLE,   /* nobody wants anything, or nothing can be done about it */
  CONDITION_OUTAGE, /* it is being mended */
  CONDITION_DESPERATE,
} Condition;

static Condition
judge (CloveEngineState state, gboolean has_trouble)
{
  switch (state) {
    case CLOVE_ENGINE_CONNECTED:
    case CLOVE_ENGINE_REBUILDING:
      return CONDITION_GOOD;
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_WAITING:
      return CONDITION_OUTAGE;
    case CLOVE_ENGINE_FAILED:
      return CONDITION_DESPERATE;
    /* Desktops tell of a lost network themselves. */
    case CLOVE_ENGINE_OFFLINE:
      return CONDITION_IDLE;
    case CLOVE_ENGINE_OFF:
    case CLOVE_ENGINE_STOPPING:
    default:
      return has_trouble ? CONDITION_DESPERATE : CONDITION_IDLE;
  }
}

/* Ends the outage, and with it what was said of it. */
static CloveNews
end (CloveHerald *self, CloveNews news)
{
  gboolean was_told = self->is_told;

  *self = (CloveHerald){ 0 };
  return was_told ? news : CLOVE_NEWS_NONE;
}

static CloveNews
suffer (CloveHerald *self, gboolean is_desperate, gboolean is_focused, gint64 now_us)
{
  if (self->since_us == 0)
    self->since_us = now_us;
  /* It got worse: that is other news. */
  if (is_desperate && !self->was_desperate)
    self->is_told = self->is_seen = FALSE;
  self->was_desperate = is_desperate;
  if (self->is_told || self->is_seen ||
      (!is_desperate && now_us - self->since_us < CLOVE_HERALD_PATIENCE_US))
    return CLOVE_NEWS_NONE;
  self->is_seen = is_focused;
  self->is_told = !is_focused;
  if (is_focused)
    return CLOVE_NEWS_NONE;
  return is_desperate ? CLOVE_NEWS_NEEDS_USER : CLOVE_NEWS_LOST;
}

/**
 * clove_herald_step:
 * @self: a herald
 * @state: what the engine does
 * @has_trouble: whether it went off by itself
 * @is_focused: whether the user looks at the window
 * @now_us: the monotonic time
 *
 * Call at each change, and when clove_herald_get_due_us() has come.
 *
 * Returns: what to tell the user now
 */
CloveNews
clove_herald_step (CloveHerald *self,
                   CloveEngineState state,
                   gboolean has_trouble,
                   gboolean is_focused,
                   gint64 now_us)
{
  Condition condition = judge (state, has_trouble);

  switch (condition) {
    case CONDITION_GOOD:
      return end (self, is_focused ? CLOVE_NEWS_OVER : CLOVE_NEWS_FOUND);
    case CONDITION_OUTAGE:
    case CONDITION_DESPERATE:
      return suffer (self, condition == CONDITION_DESPERATE, is_focused, now_us);
    case CONDITION_IDLE:
    default:
      return end (self, CLOVE_NEWS_OVER);
  }
}

/** clove_herald_get_due_us: Get when to step again although nothing changes; 0 for never. */
gint64
clove_herald_get_due_us (const CloveHerald *self)
{
  if (self->since_us == 0 || self->is_told || self->is_seen)
    return 0;
  return self->since_us + CLOVE_HERALD_PATIENCE_US;
}
