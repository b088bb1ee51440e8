/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One load goes: fetch the bytes, check them and save the copy (in a helper thread, since checking
 * thousands of keys takes a second), take the list over. If any of that fails, the list at hand
 * stays; if there is none, the copy of an earlier run is read and checked in the same way.
 */
#include "config.h"

#include "clove-directory.h"

#include "clove-directory-cache.h"
#include "clove-directory-error.h"
#include "clove-fetch.h"

struct _CloveDirectory {
  GObject parent_instance;

  /* Owned; set at construction. */
  CloveClock *clock;
  char *cache_folder; /* nullable */
  CloveBlacklist *blacklist;

  /* Owned. */
  GTlsDatabase *tls_database;
  CloveRelayList *list;
  char *location;
  GError *problem;

  CloveDirectoryOrigin origin;
  gint64 fetched_s;
  gboolean is_loading;
};

G_DEFINE_FINAL_TYPE (CloveDirectory, clove_directory, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* One load on its way; the helper thread reads it while the directory's own thread leaves it be. */
typedef struct {
  char *location;
  char *cache_folder; /* nullable */
  CloveDirectoryOrigin origin;
  GBytes *bytes;
  gint64 fetched_s;
  GError *problem;
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_free (load->location);
  g_free (load->cache_folder);
  g_clear_pointer (&load->bytes, g_bytes_unref);
  g_clear_error (&load->problem);
  g_free (load);
}

static void
return_error (GTask *task, GError *error)
{
  CloveDirectory *self = g_task_get_source_object (task);

  self->is_loading = FALSE;
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
return_success (GTask *task)
{
  CloveDirectory *self = g_task_get_source_object (task);

  self->is_loading = FALSE;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
take_over (CloveDirectory *self, CloveRelayList *list, const Load *load)
{
  g_clear_pointer (&self->list, clove_relay_list_unref);
  self->list = list;
  g_free (self->location);
  self->location = g_strdup (load->location);
  self->origin = load->origin;
  self->fetched_s = load->fetched_s;
  g_debug ("%u relays at hand, %u entries left out", clove_relay_list_get_n_relays (list),
           clove_relay_list_get_n_skipped (list));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
save (CloveRelayList *list, const Load *load)
{
  g_autofree char *text = clove_directory_cache_format (list, load->location, load->fetched_s);
  g_autoptr (GError) error = NULL;

  if (!clove_directory_cache_write (load->cache_folder, text, &error))
    g_message ("The list of relays could not be kept for the next start: %s", error->message);
}

static void
check_bytes (GTask *job, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Load *load = task_data;
  g_autoptr (CloveRelayList) list = NULL;
  GError *error = NULL;

  if (load->origin == CLOVE_DIRECTORY_ORIGIN_CACHE)
    list = clove_directory_cache_parse (load->bytes, load->location, &load->fetched_s, &error);
  else
    list = clove_relay_list_parse (load->bytes, &error);
  if (list == NULL) {
    g_task_return_error (job, error);
    return;
  }
  if (load->origin == CLOVE_DIRECTORY_ORIGIN_FETCHED && load->cache_folder != NULL)
    save (list, load);
  g_task_return_pointer (job, g_steal_pointer (&list), (GDestroyNotify) clove_relay_list_unref);
}

/* Checks @bytes outside this thread. Takes @task and @bytes. */
static void
check_async (GTask *task, GBytes *bytes, GAsyncReadyCallback callback)
{
  Load *load = g_task_get_task_data (task);
  g_autoptr (GTask) job = g_task_new (NULL, NULL, callback, task);

  g_clear_pointer (&load->bytes, g_bytes_unref);
  load->bytes = bytes;
  g_task_set_source_tag (job, check_async);
  /* The load lives as long as the outer task, which the callback holds. */
  g_task_set_task_data (job, load, NULL);
  g_task_run_in_thread (job, check_bytes);
}

static void
fetch (GTask *task, const char *location, GAsyncReadyCallback callback)
{
  CloveDirectory *self = g_task_get_source_object (task);
  CloveFetchOptions options = {
    .max_size = CLOVE_RELAY_LIST_MAX_SIZE,
    .timeout_us = CLOVE_DIRECTORY_TIMEOUT_US,
    .tls_database = self->tls_database,
  };

  clove_fetch_async (location, self->clock, &options, g_task_get_cancellable (task), callback,
                     task);
}

/* Ends a load that found no usable copy either. Takes @task and @why. */
static void
fail_without_copy (GTask *task, GError *why)
{
  g_autoptr (GError) owned_why = why;
  Load *load = g_task_get_task_data (task);

  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return_error (task, g_steal_pointer (&owned_why));
  else
    return_error (task, g_error_new (load->problem->domain, load->problem->code,
                                     "%s; and the copy from before cannot be used: %s",
                                     load->problem->message, why->message));
}

static void
on_copy_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  CloveDirectory *self = g_task_get_source_object (task);
  GError *error = NULL;
  CloveRelayList *list = g_task_propagate_pointer (G_TASK (result), &error);

  if (list == NULL) {
    fail_without_copy (task, error);
    return;
  }
  take_over (self, list, g_task_get_task_data (task));
  return_success (task);
}

static void
on_copy_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  GBytes *bytes = clove_fetch_finish (result, &error);

  if (bytes != NULL)
    check_async (task, bytes, on_copy_checked);
  else
    fail_without_copy (task, error);
}

/* Goes on without the new list. Takes @task and @why. */
static void
fall_back (GTask *task, GError *why)
{
  CloveDirectory *self = g_task_get_source_object (task);
  Load *load = g_task_get_task_data (task);
  g_autofree char *path = NULL;

  if (g_error_matches (why, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    return_error (task, why);
    return;
  }
  g_clear_error (&self->problem);
  self->problem = g_error_copy (why);
  if (g_error_matches (why, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_LOCATION) ||
      (self->list == NULL &&
       (self->cache_folder == NULL || load->origin == CLOVE_DIRECTORY_ORIGIN_FILE))) {
    return_error (task, why);
    return;
  }
  if (self->list != NULL) {
    g_info ("The old list of relays stays: %s", why->message);
    g_error_free (why);
    return_success (task);
    return;
  }
  load->problem = why;
  load->origin = CLOVE_DIRECTORY_ORIGIN_CACHE;
  path = clove_directory_cache_get_path (self->cache_folder);
  fetch (task, path, on_copy_read);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  CloveDirectory *self = g_task_get_source_object (task);
  GError *error = NULL;
  CloveRelayList *list = g_task_propagate_pointer (G_TASK (result), &error);

  if (list == NULL) {
    fall_back (task, error);
    return;
  }
  g_clear_error (&self->problem);
  take_over (self, list, g_task_get_task_data (task));
  return_success (task);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  CloveDirectory *self = g_task_get_source_object (task);
  Load *load = g_task_get_task_data (task);
  GError *error = NULL;
  GBytes *bytes = clove_fetch_finish (result, &error);

  if (bytes == NULL) {
    fall_back (task, error);
    return;
  }
  load->fetched_s = clove_clock_wall_s (self->clock);
  check_async (task, bytes, on_checked);
}

static void
clove_directory_dispose (GObject *object)
{
  CloveDirectory *self = CLOVE_DIRECTORY (object);

  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_pointer (&self->cache_folder, g_free);
  g_clear_pointer (&self->blacklist, clove_blacklist_unref);
  g_clear_object (&self->tls_database);
  g_clear_pointer (&self->list, clove_relay_list_unref);
  g_clear_pointer (&self->location, g_free);
  g_clear_error (&self->problem);

  G_OBJECT_CLASS (clove_directory_parent_class)->dispose (object);
}

static void
clove_directory_class_init (CloveDirectoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_directory_dispose;

  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", CLOVE_TYPE_DIRECTORY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
clove_directory_init (CloveDirectory *self)
{
}

/** clove_directory_get_default_cache_folder: (transfer full): Get this user's folder for copies. */
char *
clove_directory_get_default_cache_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "clove", NULL);
}

/**
 * clove_directory_new:
 * @clock: of the thread that the directory belongs to
 * @cache_folder: (nullable): where to keep a copy of the last good list, if anywhere
 *
 * Returns: (transfer full): a directory without a list
 */
CloveDirectory *
clove_directory_new (CloveClock *clock, const char *cache_folder)
{
  CloveDirectory *self = g_object_new (CLOVE_TYPE_DIRECTORY, NULL);

  self->clock = clove_clock_ref (clock);
  self->cache_folder = g_strdup (cache_folder);
  self->blacklist = clove_blacklist_new (clock);
  return self;
}

/** clove_directory_set_tls_database: Trust other authorities than the system's; %NULL undoes it. */
void
clove_directory_set_tls_database (CloveDirectory *self, GTlsDatabase *tls_database)
{
  g_return_if_fail (CLOVE_IS_DIRECTORY (self));

  g_set_object (&self->tls_database, tls_database);
}

/**
 * clove_directory_load_async:
 * @self: a directory
 * @location: "https://…", "http://…" for a host that is this machine, "file:///…", or a path
 * @cancellable: (nullable): ends the load and leaves everything as it was
 * @callback: called in the thread-default context of the caller
 * @user_data: for @callback
 *
 * Get the list of relays at @location. A list that cannot be had or is refused changes nothing but
 * clove_directory_get_problem(): the list at hand stays or, if there is none, the copy of an
 * earlier run takes its place. One load at a time.
 */
void
clove_directory_load_async (CloveDirectory *self,
                            const char *location,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Load *load = NULL;

  g_return_if_fail (CLOVE_IS_DIRECTORY (self));
  g_return_if_fail (location != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, clove_directory_load_async);
  /* The fetch watches the cancellable; a list that has arrived by then is not thrown away. */
  g_task_set_check_cancellable (task, FALSE);
  if (self->is_loading) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             "the directory is being loaded already");
    return;
  }
  load = g_new0 (Load, 1);
  load->location = g_strdup (location);
  load->cache_folder = g_strdup (self->cache_folder);
  load->origin = clove_fetch_is_file (location) ? CLOVE_DIRECTORY_ORIGIN_FILE
                                                : CLOVE_DIRECTORY_ORIGIN_FETCHED;
  g_task_set_task_data (task, load, load_free);
  self->is_loading = TRUE;
  fetch (g_steal_pointer (&task), location, on_fetched);
}

/**
 * clove_directory_load_finish:
 * @self: a directory
 * @result: as given to the callback
 * @error: %CLOVE_DIRECTORY_ERROR, %G_IO_ERROR_CANCELLED, or %G_IO_ERROR_PENDING
 *
 * Returns: whether there is a list to work with now, be it new, old or a copy; never after a
 *   location that cannot be one
 */
gboolean
clove_directory_load_finish (CloveDirectory *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** clove_directory_get_list: (transfer none) (nullable): Get the list at hand. */
CloveRelayList *
clove_directory_get_list (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), NULL);

  return self->list;
}

/** clove_directory_get_origin: Get where the list at hand came from. */
CloveDirectoryOrigin
clove_directory_get_origin (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), CLOVE_DIRECTORY_ORIGIN_NONE);

  return self->origin;
}

/** clove_directory_get_location: (nullable): Get the location of the list at hand. */
const char *
clove_directory_get_location (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), NULL);

  return self->location;
}

/** clove_directory_get_age_s: Get for how long the list at hand is known, or -1 without one. */
gint64
clove_directory_get_age_s (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), -1);

  if (self->list == NULL)
    return -1;
  /* The wall clock may have been set back since. */
  return MAX (0, clove_clock_wall_s (self->clock) - self->fetched_s);
}

/** clove_directory_get_problem: (nullable): Get why the last load brought no new list. */
const GError *
clove_directory_get_problem (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), NULL);

  return self->problem;
}

/** clove_directory_get_blacklist: (transfer none): Get who is left out for now; from any thread. */
CloveBlacklist *
clove_directory_get_blacklist (CloveDirectory *self)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), NULL);

  return self->blacklist;
}

/** clove_directory_mark_failed: Ban a relay, as clove_blacklist_mark_failed(); from any thread. */
void
clove_directory_mark_failed (CloveDirectory *self, const CloveAddress *address, const char *reason)
{
  g_return_if_fail (CLOVE_IS_DIRECTORY (self));

  clove_blacklist_mark_failed (self->blacklist, address, reason);
}

/** clove_directory_mark_success: End the ban of a relay that failed; from any thread. */
void
clove_directory_mark_success (CloveDirectory *self, const CloveAddress *address)
{
  g_return_if_fail (CLOVE_IS_DIRECTORY (self));

  clove_blacklist_mark_success (self->blacklist, address);
}

/** clove_directory_is_blacklisted: Tell whether a relay is banned now; from any thread. */
gboolean
clove_directory_is_blacklisted (CloveDirectory *self, const CloveAddress *address)
{
  g_return_val_if_fail (CLOVE_IS_DIRECTORY (self), FALSE);

  return clove_blacklist_is_blacklisted (self->blacklist, address);
}
