/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the user is disturbed: as stories of states, focus and time. No display is needed. */
#include "config.h"

#include "clove-herald.h"

#include <string.h>

#define START_US  (G_GINT64_CONSTANT (500) * G_TIME_SPAN_SECOND)
#define MAX_STEPS 8

typedef struct {
  guint at_s;
  CloveEngineState state;
  gboolean has_trouble;
  gboolean is_focused;
  CloveNews news;
} Step;

typedef struct {
  const char *name;
  Step steps[MAX_STEPS]; /* the last is the first with no time but at the start */
} Story;

static const Story stories[] = {
  { "healthy",
    { { 0, CLOVE_ENGINE_OFF, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 1, CLOVE_ENGINE_LOADING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 2, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 3, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 900, CLOVE_ENGINE_REBUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 990, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE } } },
  { "short-outage",
    { { 0, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 10, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 29, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 30, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE },
      /* The next one is counted from its own beginning. */
      { 31, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 50, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 51, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_LOST } } },
  { "long-outage",
    { { 0, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 20, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_LOST },
      { 40, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 900, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 901, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_FOUND },
      { 902, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE } } },
  { "seen-in-the-window",
    { { 0, CLOVE_ENGINE_WAITING, FALSE, TRUE, CLOVE_NEWS_NONE },
      { 25, CLOVE_ENGINE_WAITING, FALSE, TRUE, CLOVE_NEWS_NONE },
      { 60, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 61, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE } } },
  { "found-in-the-window",
    { { 0, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 25, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_LOST },
      { 61, CLOVE_ENGINE_CONNECTED, FALSE, TRUE, CLOVE_NEWS_OVER } } },
  { "port-taken",
    { { 0, CLOVE_ENGINE_FAILED, FALSE, FALSE, CLOVE_NEWS_NEEDS_USER },
      { 1, CLOVE_ENGINE_FAILED, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 9, CLOVE_ENGINE_OFF, FALSE, FALSE, CLOVE_NEWS_OVER } } },
  { "went-off-by-itself",
    { { 0, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 1, CLOVE_ENGINE_STOPPING, TRUE, FALSE, CLOVE_NEWS_NEEDS_USER },
      { 2, CLOVE_ENGINE_OFF, TRUE, FALSE, CLOVE_NEWS_NONE },
      { 9, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 10, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_FOUND } } },
  { "lost-and-then-desperate",
    { { 0, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 20, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_LOST },
      { 30, CLOVE_ENGINE_FAILED, FALSE, FALSE, CLOVE_NEWS_NEEDS_USER },
      { 40, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_FOUND } } },
  { "switched-off-in-an-outage",
    { { 0, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 20, CLOVE_ENGINE_WAITING, FALSE, FALSE, CLOVE_NEWS_LOST },
      { 30, CLOVE_ENGINE_STOPPING, FALSE, FALSE, CLOVE_NEWS_OVER },
      { 31, CLOVE_ENGINE_OFF, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 90, CLOVE_ENGINE_OFF, FALSE, FALSE, CLOVE_NEWS_NONE } } },
  { "offline",
    { { 0, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 1, CLOVE_ENGINE_OFFLINE, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 900, CLOVE_ENGINE_OFFLINE, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 901, CLOVE_ENGINE_BUILDING, FALSE, FALSE, CLOVE_NEWS_NONE },
      { 910, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, CLOVE_NEWS_NONE } } },
};

static void
test_story (gconstpointer user_data)
{
  const Story *story = user_data;
  CloveHerald herald = { 0 };

  for (guint i = 0; i < MAX_STEPS && (i == 0 || story->steps[i].at_s > 0); i++) {
    const Step *step = &story->steps[i];
    CloveNews news = clove_herald_step (&herald, step->state, step->has_trouble, step->is_focused,
                                        START_US + step->at_s * G_TIME_SPAN_SECOND);

    if (news != step->news)
      g_error ("%s: at %u s: %d instead of %d", story->name, step->at_s,
               (gint) news, (gint) step->news);
  }
}

/* A timer runs only while there is something to wait for. */
static void
test_due (void)
{
  CloveHerald herald = { 0 };

  g_assert_cmpint (clove_herald_get_due_us (&herald), ==, 0);
  g_assert_cmpint (clove_herald_step (&herald, CLOVE_ENGINE_WAITING, FALSE, FALSE, START_US), ==,
                   CLOVE_NEWS_NONE);
  g_assert_cmpint (clove_herald_get_due_us (&herald), ==, START_US + CLOVE_HERALD_PATIENCE_US);
  g_assert_cmpint (clove_herald_step (&herald, CLOVE_ENGINE_WAITING, FALSE, FALSE,
                                      START_US + CLOVE_HERALD_PATIENCE_US),
                   ==, CLOVE_NEWS_LOST);
  g_assert_cmpint (clove_herald_get_due_us (&herald), ==, 0);
  g_assert_cmpint (clove_herald_step (&herald, CLOVE_ENGINE_CONNECTED, FALSE, FALSE, START_US), ==,
                   CLOVE_NEWS_FOUND);
  g_assert_cmpint (clove_herald_get_due_us (&herald), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++) {
    g_autofree char *path = g_strdup_printf ("/clove/ui/herald/%s", stories[i].name);

    g_test_add_data_func (path, &stories[i], test_story);
  }
  g_test_add_func ("/clove/ui/herald/due", test_due);
  return g_test_run ();
}
