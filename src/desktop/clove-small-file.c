/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-small-file.h"

#include "clove-desktop-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0600

static gboolean
read_open (int fd, gsize max_size, GString *text, GError **error)
{
  char buffer[16384] = { 0 };
  struct stat status = { 0 };
  gssize n = 0;

  if (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED,
                         "it is not a file");
    return FALSE;
  }
  while ((n = read (fd, buffer, sizeof buffer)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return clove_desktop_fail_errno (errno, "it cannot be read", error);
    g_string_append_len (text, buffer, n);
    if (text->len > max_size) {
      g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_GARBLED,
                           "it is too large");
      return FALSE;
    }
  }
  return TRUE;
}

/**
 * clove_small_file_read:
 * @path: a file
 * @max_size: the most that makes sense, in bytes
 * @text_out: (out) (transfer full) (nullable): all of it; %NULL if there is no such file
 * @error: %CLOVE_DESKTOP_ERROR
 *
 * Returns: whether it was read, or is known not to be there
 */
gboolean
clove_small_file_read (const char *path, gsize max_size, GString **text_out, GError **error)
{
  /* Whatever bears the name must not hold the program up, as a pipe would. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  GString *text = NULL;

  *text_out = NULL;
  if (fd < 0)
    return errno == ENOENT ? TRUE : clove_desktop_fail_errno (errno, "it cannot be opened", error);
  text = g_string_new (NULL);
  if (read_open (fd, max_size, text, error))
    *text_out = g_steal_pointer (&text);
  close (fd);
  if (text != NULL)
    g_string_free (text, TRUE);
  return *text_out != NULL;
}

/* Dot files are often links into another folder, which the new file must not cut. */
static char *
follow_links (const char *path)
{
  g_autofree char *target = realpath (path, NULL);

  return g_strdup (target != NULL ? target : path);
}

/**
 * clove_small_file_replace:
 * @path: a file, there already or not
 * @text: what it shall have
 * @error: %CLOVE_DESKTOP_ERROR_FAILED
 *
 * Replace the file: whoever reads finds the old or the new, never a part, and so after a power cut.
 * A link is followed, and who may read the file remains. Blocks until the disk has it.
 *
 * Returns: whether it is there
 */
gboolean
clove_small_file_replace (const char *path, const char *text, GError **error)
{
  g_autofree char *target = follow_links (path);
  g_autoptr (GError) why = NULL;
  struct stat status = { 0 };
  gboolean is_there = stat (target, &status) == 0;
  mode_t mode = is_there ? status.st_mode & 0777 : NEW_FILE_MODE;

  if (!g_file_set_contents_full (target, text, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                 (int) mode, &why)) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_FAILED, why->message);
    return FALSE;
  }
  /* The mode of a new file is less what the umask takes. */
  if (is_there)
    (void) g_chmod (target, (int) mode);
  return TRUE;
}
