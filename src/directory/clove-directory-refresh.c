/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When the directory is loaded. A load that brings a new list sets the next one six hours ahead,
 * give or take a half, so that clients started together do not come back together. A load that
 * brings none, even if an old list or a copy is there to work with, is repeated after a pause.
 */
#include "config.h"

#include "clove-directory-refresh.h"

#include "clove-backoff.h"

struct _CloveDirectoryRefresh {
  GObject parent_instance;

  /* Owned; set at construction. */
  CloveDirectory *directory;
  char *location;
  CloveClock *clock;
  CloveRandom *random;

  /* Owned. */
  GCancellable *cancellable;
  CloveRelayList *list; /* the newest that was told */
  GError *problem;
  CloveTimer timer;
  CloveBackoff backoff;

  gboolean is_loading;
  gboolean is_stopped;
};

G_DEFINE_FINAL_TYPE (CloveDirectoryRefresh, clove_directory_refresh, G_TYPE_OBJECT)

enum {
  SIGNAL_LIST_CHANGED,
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
plan_next (CloveDirectoryRefresh *self)
{
  gdouble factor = 0.0;

  if (self->problem != NULL) {
    clove_timer_start (&self->timer, clove_backoff_next_us (&self->backoff, self->random));
    return;
  }
  factor = 0.5 + clove_random_unit (self->random);
  clove_backoff_reset (&self->backoff);
  clove_timer_start_coarse (&self->timer,
                            (gint64) ((gdouble) CLOVE_DIRECTORY_REFRESH_PERIOD_US * factor));
}

static void
tell_list (CloveDirectoryRefresh *self)
{
  CloveRelayList *list = clove_directory_get_list (self->directory);
  gboolean is_same = list == NULL ||
                     (self->list != NULL && clove_relay_list_equal (self->list, list));

  if (is_same)
    return;
  g_clear_pointer (&self->list, clove_relay_list_unref);
  self->list = clove_relay_list_ref (list);
  g_signal_emit (self, signals[SIGNAL_LIST_CHANGED], 0);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveDirectoryRefresh) self = user_data;
  g_autoptr (GError) error = NULL;
  const GError *problem = NULL;

  /* With an old list or a copy at hand the load succeeds, and yet something was wrong. */
  problem = clove_directory_load_finish (self->directory, result, &error)
              ? clove_directory_get_problem (self->directory)
              : error;
  self->is_loading = FALSE;
  /* A load that was being checked when it was given up ends well all the same. */
  if (self->is_stopped)
    return;
  g_clear_error (&self->problem);
  if (problem != NULL) {
    g_info ("directory: %s", problem->message);
    self->problem = g_error_copy (problem);
  }
  plan_next (self);
  tell_list (self);
  if (!self->is_stopped)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
load (gpointer user_data)
{
  CloveDirectoryRefresh *self = user_data;

  self->is_loading = TRUE;
  clove_directory_load_async (self->directory, self->location, self->cancellable, on_loaded,
                              g_object_ref (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
clove_directory_refresh_dispose (GObject *object)
{
  CloveDirectoryRefresh *self = CLOVE_DIRECTORY_REFRESH (object);

  clove_directory_refresh_stop (self);
  g_clear_object (&self->directory);
  g_clear_pointer (&self->location, g_free);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->list, clove_relay_list_unref);
  g_clear_error (&self->problem);

  G_OBJECT_CLASS (clove_directory_refresh_parent_class)->dispose (object);
}

static void
clove_directory_refresh_class_init (CloveDirectoryRefreshClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_directory_refresh_dispose;

  signals[SIGNAL_LIST_CHANGED] =
    g_signal_new ("list-changed", CLOVE_TYPE_DIRECTORY_REFRESH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", CLOVE_TYPE_DIRECTORY_REFRESH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
clove_directory_refresh_init (CloveDirectoryRefresh *self)
{
  self->cancellable = g_cancellable_new ();
  clove_backoff_init (&self->backoff, CLOVE_DIRECTORY_REFRESH_FIRST_PAUSE_US,
                      CLOVE_DIRECTORY_REFRESH_LONGEST_PAUSE_US);
}

/**
 * clove_directory_refresh_new:
 * @directory: what is loaded, by nobody else
 * @location: as for clove_directory_load_async()
 * @clock: of the directory's thread
 * @random: spreads the loads
 *
 * Returns: (transfer full): a refresh that loads nothing until clove_directory_refresh_load()
 */
CloveDirectoryRefresh *
clove_directory_refresh_new (CloveDirectory *directory,
                             const char *location,
                             CloveClock *clock,
                             CloveRandom *random)
{
  CloveDirectoryRefresh *self = g_object_new (CLOVE_TYPE_DIRECTORY_REFRESH, NULL);

  self->directory = g_object_ref (directory);
  self->location = g_strdup (location);
  self->clock = clove_clock_ref (clock);
  self->random = clove_random_ref (random);
  clove_timer_init (&self->timer, clock, load, self);
  return self;
}

/**
 * clove_directory_refresh_load:
 * @self: a refresh
 *
 * Load now: to begin with, or because somebody has reason to believe that it is worthwhile, such as
 * a network that is back. So pauses begin with the shortest again. A load under way is not
 * repeated; after clove_directory_refresh_stop() nothing happens.
 */
void
clove_directory_refresh_load (CloveDirectoryRefresh *self)
{
  if (self->is_stopped)
    return;
  clove_backoff_reset (&self->backoff);
  if (self->is_loading)
    return;
  clove_timer_stop (&self->timer);
  load (self);
}

/** clove_directory_refresh_stop: Give up a load and plan none; no signal comes any more. */
void
clove_directory_refresh_stop (CloveDirectoryRefresh *self)
{
  if (self->is_stopped)
    return;
  self->is_stopped = TRUE;
  clove_timer_stop (&self->timer);
  g_cancellable_cancel (self->cancellable);
}

/** clove_directory_refresh_is_loading: Tell whether a load is under way. */
gboolean
clove_directory_refresh_is_loading (CloveDirectoryRefresh *self)
{
  return self->is_loading;
}

/** clove_directory_refresh_get_next_us: Get when the next load is due; 0 while none is planned. */
gint64
clove_directory_refresh_get_next_us (CloveDirectoryRefresh *self)
{
  return clove_timer_is_running (&self->timer) ? clove_timer_get_due_us (&self->timer) : 0;
}

/** clove_directory_refresh_get_problem: (nullable): Get why the last load brought no new list. */
const GError *
clove_directory_refresh_get_problem (CloveDirectoryRefresh *self)
{
  return self->problem;
}
