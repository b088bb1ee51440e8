/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-proxy-ledger.h"

#include "clove-desktop-error.h"
#include "clove-small-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME     "system-proxy"
#define LOCK_NAME     "system-proxy.lock"
/* Files set aside; the last is replaced when all are taken. */
#define MAX_SET_ASIDE 99

struct _CloveProxyLedger {
  char *folder;
  char *path;
  char *lock_path;
  int lock; /* -1 unless it is held */
};

/** clove_proxy_ledger_get_default_folder: (transfer full): Get this user's folder for records. */
char *
clove_proxy_ledger_get_default_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "clove", NULL);
}

/** clove_proxy_ledger_new: (transfer full): Make a ledger in @folder, made when it is needed. */
CloveProxyLedger *
clove_proxy_ledger_new (const char *folder)
{
  CloveProxyLedger *self = g_new0 (CloveProxyLedger, 1);

  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, FILE_NAME, NULL);
  self->lock_path = g_build_filename (folder, LOCK_NAME, NULL);
  self->lock = -1;
  return self;
}

/** clove_proxy_ledger_free: Free it, and let its lock go. */
void
clove_proxy_ledger_free (CloveProxyLedger *self)
{
  clove_proxy_ledger_unlock (self);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->lock_path);
  g_free (self);
}

/** clove_proxy_ledger_get_folder: Get the folder. */
const char *
clove_proxy_ledger_get_folder (CloveProxyLedger *self)
{
  return self->folder;
}

/**
 * clove_proxy_ledger_lock:
 * @self: a ledger
 * @error: %CLOVE_DESKTOP_ERROR_FAILED
 *
 * Wait until no other process holds the lock, and take it. Nobody holds it for long: the guard,
 * which could hang with the desktop's settings, has a time limit.
 *
 * Returns: whether it is held
 */
gboolean
clove_proxy_ledger_lock (CloveProxyLedger *self, GError **error)
{
  int fd = -1;

  g_return_val_if_fail (self->lock < 0, FALSE);

  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    return clove_desktop_fail_errno (errno, "the folder of states cannot be made", error);
  fd = g_open (self->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0)
    return clove_desktop_fail_errno (errno, "the folder of states cannot be used", error);
  while (flock (fd, LOCK_EX) != 0) {
    int saved_errno = errno;

    if (saved_errno == EINTR)
      continue;
    close (fd);
    return clove_desktop_fail_errno (saved_errno, "the folder of states cannot be locked", error);
  }
  self->lock = fd;
  return TRUE;
}

/** clove_proxy_ledger_unlock: Let the lock go, if it is held. */
void
clove_proxy_ledger_unlock (CloveProxyLedger *self)
{
  if (self->lock >= 0)
    close (self->lock);
  self->lock = -1;
}

/**
 * clove_proxy_ledger_load:
 * @self: a ledger, locked
 * @record_out: (out) (transfer full) (nullable): the record; %NULL if there is none
 * @error: %CLOVE_DESKTOP_ERROR_GARBLED if what is there is no record
 *
 * Returns: whether it is known what is there
 */
gboolean
clove_proxy_ledger_load (CloveProxyLedger *self, CloveProxyRecord **record_out, GError **error)
{
  GString *text = NULL;

  *record_out = NULL;
  if (clove_small_file_read (self->path, CLOVE_PROXY_RECORD_MAX_SIZE, &text, error)) {
    if (text == NULL)
      return TRUE;
    *record_out = clove_proxy_record_parse (text->str, text->len, error);
    g_string_free (text, TRUE);
  }
  if (*record_out == NULL)
    g_prefix_error (error, "%s: ", self->path);
  return *record_out != NULL;
}

/**
 * clove_proxy_ledger_save:
 * @self: a ledger, locked
 * @record: what to note
 * @error: %CLOVE_DESKTOP_ERROR; what was there before still is
 *
 * Replace the record, durably. What could not be read back is not written: a value of the user's
 * that the record cannot keep is one that must not be changed.
 *
 * Returns: whether the disk has it
 */
gboolean
clove_proxy_ledger_save (CloveProxyLedger *self, const CloveProxyRecord *record, GError **error)
{
  g_autofree char *text = clove_proxy_record_format (record);
  g_autoptr (CloveProxyRecord) again = clove_proxy_record_parse (text, strlen (text), NULL);

  if (again == NULL || !clove_proxy_values_equal (&again->old, &record->old)) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED,
                         "the proxy that is set now could not be put back later");
    return FALSE;
  }
  return clove_small_file_replace (self->path, text, error);
}

/** clove_proxy_ledger_remove: Remove the record: there is nothing to be put back. */
gboolean
clove_proxy_ledger_remove (CloveProxyLedger *self, GError **error)
{
  if (g_unlink (self->path) == 0 || errno == ENOENT)
    return TRUE;
  return clove_desktop_fail_errno (errno, "the record of the system proxy cannot be removed",
                                   error);
}

/**
 * clove_proxy_ledger_set_aside:
 * @self: a ledger, locked
 * @error: %CLOVE_DESKTOP_ERROR_FAILED
 *
 * Give what lies in the place of the record another name, so that nothing writes over it.
 *
 * Returns: (transfer full) (nullable): its path now
 */
char *
clove_proxy_ledger_set_aside (CloveProxyLedger *self, GError **error)
{
  g_autofree char *free_path = NULL;

  for (guint i = 1; i <= MAX_SET_ASIDE; i++) {
    struct stat status = { 0 };

    g_free (free_path);
    free_path = g_strdup_printf ("%s.bad-%u", self->path, i);
    if (lstat (free_path, &status) != 0)
      break;
  }
  if (g_rename (self->path, free_path) == 0)
    return g_steal_pointer (&free_path);
  clove_desktop_fail_errno (errno, "the record of the system proxy is in the way", error);
  return NULL;
}
