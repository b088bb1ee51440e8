/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file is replaced, never changed: a new one is written beside it, handed to the disk, and takes
 * its name. What cannot be read is set aside under another name, so that no save writes over it.
 */
#include "config.h"

#include "clove-state-file.h"

#include "clove-directory-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME     "state.json"
/* Files set aside; the last is replaced when all are taken. */
#define MAX_SET_ASIDE 99

/* What saves in other threads share. */
typedef struct {
  gatomicrefcount n_refs;
  char *folder;
  char *path;

  GMutex mutex;
  /* Guarded by the mutex. */
  guint64 newest_number;
  gboolean is_blocked; /* a file that could not be read is in the way */
} Place;

struct _CloveStateFile {
  CloveClock *clock;
  Place *place;
  guint64 n_saves;
};

/* One save on its way through another thread. */
typedef struct {
  Place *place;
  CloveState *state;
  CloveStateTime time;
  guint64 number;
} Save;

static Place *
place_new (const char *folder)
{
  Place *place = g_new0 (Place, 1);

  g_atomic_ref_count_init (&place->n_refs);
  g_mutex_init (&place->mutex);
  place->folder = g_strdup (folder);
  place->path = g_build_filename (folder, FILE_NAME, NULL);
  return place;
}

static Place *
place_ref (Place *place)
{
  g_atomic_ref_count_inc (&place->n_refs);
  return place;
}

static void
place_unref (Place *place)
{
  if (!g_atomic_ref_count_dec (&place->n_refs))
    return;
  g_mutex_clear (&place->mutex);
  g_free (place->folder);
  g_free (place->path);
  g_free (place);
}

static void
save_free (gpointer data)
{
  Save *save = data;

  place_unref (save->place);
  clove_state_free (save->state);
  g_free (save);
}

static gboolean
set_file_error (GError **error, int saved_errno, const char *what)
{
  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (saved_errno), "%s: %s", what,
               g_strerror (saved_errno));
  return FALSE;
}

/* Returns: (transfer full) (nullable): what is in the open file */
static GBytes *
read_all (int fd, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 buffer[16384] = { 0 };
  struct stat status = { 0 };
  gssize n = 0;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)) {
    set_file_error (error, EINVAL, "it is not a file");
    return NULL;
  }
  while ((n = read (fd, buffer, sizeof buffer)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      set_file_error (error, errno, "it cannot be read");
      return NULL;
    }
    g_byte_array_append (bytes, buffer, (guint) n);
    /* More than enough to be refused. */
    if (bytes->len > CLOVE_STATE_MAX_SIZE)
      break;
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* Returns: (transfer full) (nullable): what is in the file */
static GBytes *
read_file (const char *path, GError **error)
{
  /* Whatever bears the name must not hold the program up, as a pipe would. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  GBytes *bytes = NULL;

  if (fd < 0) {
    set_file_error (error, errno, "it cannot be opened");
    return NULL;
  }
  bytes = read_all (fd, error);
  close (fd);
  return bytes;
}

/* Returns: (transfer full): the path under which to keep an unusable file */
static char *
find_free_path (const char *path)
{
  char *free_path = NULL;

  for (guint i = 1; i <= MAX_SET_ASIDE; i++) {
    struct stat status = { 0 };

    g_free (free_path);
    free_path = g_strdup_printf ("%s.bad-%u", path, i);
    if (lstat (free_path, &status) != 0)
      break;
  }
  return free_path;
}

/* Sees to it that no save destroys the file. Returns: (transfer full): what to tell the user */
static char *
set_aside (Place *place, const GError *why)
{
  g_autofree char *free_path = find_free_path (place->path);
  g_autofree char *shown_name = g_path_get_basename (free_path);
  int saved_errno = 0;

  if (g_rename (place->path, free_path) == 0)
    return g_strdup_printf ("What Clove remembers from before (“%s”) cannot be used: %s. It is "
                            "kept as “%s”, and Clove starts afresh.",
                            place->path, why->message, shown_name);
  saved_errno = errno;
  g_mutex_lock (&place->mutex);
  place->is_blocked = TRUE;
  g_mutex_unlock (&place->mutex);
  return g_strdup_printf ("What Clove remembers from before (“%s”) cannot be used: %s. It could "
                          "not be set aside either (%s), so nothing new will be saved.",
                          place->path, why->message, g_strerror (saved_errno));
}

static gboolean
make_folder (const char *folder, GError **error)
{
  struct stat status = { 0 };

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return set_file_error (error, errno, "its folder cannot be made");
  /* Older than Clove, perhaps. If it cannot be closed to others, the file still is. */
  if (stat (folder, &status) == 0 && (status.st_mode & 077) != 0)
    (void) g_chmod (folder, 0700);
  return TRUE;
}

/* Writes the text unless a newer one is there already. */
static gboolean
write_in_order (Place *place, guint64 number, const char *text, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&place->mutex);

  if (number < place->newest_number)
    return TRUE;
  if (place->is_blocked) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
                 "“%s” is in the way, and cannot be read", place->path);
    return FALSE;
  }
  if (!make_folder (place->folder, error) ||
      !g_file_set_contents_full (place->path, text, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 0600, error))
    return FALSE;
  place->newest_number = number;
  return TRUE;
}

static gboolean
write_state (Place *place,
             guint64 number,
             const CloveState *state,
             CloveStateTime time,
             GError **error)
{
  g_autofree char *text = clove_state_format (state, time);

  if (write_in_order (place, number, text, error))
    return TRUE;
  g_prefix_error (error, "what Clove remembers could not be saved: ");
  return FALSE;
}

static void
save_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Save *save = task_data;
  GError *error = NULL;

  if (write_state (save->place, save->number, save->state, save->time, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/** clove_state_file_get_default_folder: (transfer full): Get this user's folder for states. */
char *
clove_state_file_get_default_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "clove", NULL);
}

/**
 * clove_state_file_new:
 * @clock: of the thread that the file belongs to
 * @folder: for nothing else; made, for this user only, when something is saved
 *
 * Returns: (transfer full): the place of the state
 */
CloveStateFile *
clove_state_file_new (CloveClock *clock, const char *folder)
{
  CloveStateFile *self = g_new0 (CloveStateFile, 1);

  self->clock = clove_clock_ref (clock);
  self->place = place_new (folder);
  return self;
}

/** clove_state_file_free: Free it; saves under way end by themselves. */
void
clove_state_file_free (CloveStateFile *self)
{
  clove_clock_unref (self->clock);
  place_unref (self->place);
  g_free (self);
}

/**
 * clove_state_file_load:
 * @self: a state file
 * @warning_out: (out) (nullable) (optional): whole sentences for the user, if what is there cannot
 *   be used
 *
 * Read what was saved last. A file that cannot be used, because it is spoilt or of a newer version,
 * is set aside. Blocks for as long as the disk takes.
 *
 * Returns: (transfer full): the state; a new one if there is none that can be used
 */
CloveState *
clove_state_file_load (CloveStateFile *self, char **warning_out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = read_file (self->place->path, &error);
  g_autofree char *warning = NULL;
  CloveState *state = NULL;

  if (bytes != NULL)
    state = clove_state_parse (bytes, clove_state_time (self->clock), &error);
  if (state == NULL) {
    g_assert (error != NULL);
    state = clove_state_new ();
    if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      warning = set_aside (self->place, error);
  }
  if (warning_out != NULL)
    *warning_out = g_steal_pointer (&warning);
  return state;
}

/**
 * clove_state_file_save:
 * @self: a state file
 * @state: what to remember
 * @error: %G_FILE_ERROR; what was saved before is still there
 *
 * Replace what was saved before; whoever reads finds the old or the new, never a part. Blocks until
 * the disk has it, and until saves under way are done.
 *
 * Returns: whether it is saved
 */
gboolean
clove_state_file_save (CloveStateFile *self, const CloveState *state, GError **error)
{
  return write_state (self->place, ++self->n_saves, state, clove_state_time (self->clock), error);
}

/**
 * clove_state_file_save_async:
 * @self: a state file
 * @state: (transfer full): what to remember
 * @callback: (nullable): called in the thread-default context of the caller
 * @user_data: for @callback
 *
 * Do as clove_state_file_save() without blocking. Of several saves the one that was asked for last
 * remains, whichever thread gets to it first.
 */
void
clove_state_file_save_async (CloveStateFile *self,
                             CloveState *state,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Save *save = g_new0 (Save, 1);

  save->place = place_ref (self->place);
  save->state = state;
  save->time = clove_state_time (self->clock);
  save->number = ++self->n_saves;
  g_task_set_source_tag (task, clove_state_file_save_async);
  g_task_set_task_data (task, save, save_free);
  g_task_run_in_thread (task, save_in_thread);
}

/** clove_state_file_save_finish: Tell whether it is saved; @error as clove_state_file_save(). */
gboolean
clove_state_file_save_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
