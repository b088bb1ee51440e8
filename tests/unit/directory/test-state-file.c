/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered, on disk. */
#include "config.h"

#include "clove-state-file.h"
#include "state-fixture.h"
#include "test-loop.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

typedef struct {
  CloveClock *clock;
  char *top;
  char *folder; /* in @top, not there yet */
  char *path;
  CloveStateFile *file;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->clock = clove_clock_new_fake ();
  f->top = g_dir_make_tmp ("clove-state-XXXXXX", NULL);
  g_assert_nonnull (f->top);
  f->folder = g_build_filename (f->top, "state", "clove", NULL);
  f->path = g_build_filename (f->folder, "state.json", NULL);
  f->file = clove_state_file_new (f->clock, f->folder);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_all (child);
  }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  clove_state_file_free (f->file);
  clove_clock_unref (f->clock);
  remove_all (f->top);
  g_free (f->top);
  g_free (f->folder);
  g_free (f->path);
}

/* Makes a state that is told from others by its @number. */
static CloveState *
numbered_state (Fixture *f, guint number)
{
  CloveState *state = fixture_state (f->clock);

  fixture_key (state->entry.key, number);
  return state;
}

static void
save (Fixture *f, guint number)
{
  g_autoptr (CloveState) state = numbered_state (f, number);
  g_autoptr (GError) error = NULL;

  g_assert_true (clove_state_file_save (f->file, state, &error));
  g_assert_no_error (error);
}

static gboolean
is_numbered (const CloveState *state, guint number)
{
  guint8 key[CLOVE_RELAY_KEY_SIZE] = { 0 };

  fixture_key (key, number);
  return state->entry.is_set && memcmp (state->entry.key, key, sizeof key) == 0;
}

static void
assert_loads (Fixture *f, guint number)
{
  g_autofree char *warning = NULL;
  g_autoptr (CloveState) state = clove_state_file_load (f->file, &warning);

  g_assert_null (warning);
  g_assert_true (is_numbered (state, number));
}

static guint
mode_of (const char *path)
{
  struct stat status = { 0 };

  g_assert_cmpint (stat (path, &status), ==, 0);
  return status.st_mode & 07777;
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_new_destroy (Fixture *f, gconstpointer user_data)
{
  g_autofree char *warning = NULL;
  g_autoptr (CloveState) state = clove_state_file_load (f->file, &warning);
  g_autofree char *folder = clove_state_file_get_default_folder ();

  g_assert_null (warning);
  g_assert_false (state->entry.is_set);
  /* Looking makes nothing. */
  g_assert_false (g_file_test (f->folder, G_FILE_TEST_EXISTS));
  g_assert_true (g_str_has_suffix (folder, "/clove"));
}

static void
test_round_trip (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveState) state = NULL;
  g_autofree char *text = NULL;
  g_autofree char *expected = NULL;

  save (f, 1);
  assert_loads (f, 1);
  save (f, 2);
  state = clove_state_file_load (f->file, NULL);
  text = clove_state_format (state, clove_state_time (f->clock));
  g_assert_true (g_file_get_contents (f->path, &expected, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpuint (count_files (f->folder), ==, 1);
}

static void
test_permissions (Fixture *f, gconstpointer user_data)
{
  mode_t mask = umask (0);

  save (f, 1);
  g_assert_cmpuint (mode_of (f->folder), ==, 0700);
  g_assert_cmpuint (mode_of (f->path), ==, 0600);
  /* What others opened up is closed again. */
  g_assert_cmpint (g_chmod (f->folder, 0777), ==, 0);
  g_assert_cmpint (g_chmod (f->path, 0666), ==, 0);
  save (f, 2);
  g_assert_cmpuint (mode_of (f->folder), ==, 0700);
  g_assert_cmpuint (mode_of (f->path), ==, 0600);
  umask (mask);
}

/* Loads what cannot be used, which must be kept as number @number. */
static void
assert_set_aside (Fixture *f, guint number, const char *why)
{
  g_autofree char *aside = g_strdup_printf ("%s.bad-%u", f->path, number);
  g_autofree char *name = g_path_get_basename (aside);
  g_autofree char *warning = NULL;
  g_autoptr (CloveState) state = clove_state_file_load (f->file, &warning);

  g_assert_nonnull (warning);
  g_test_message ("%s", warning);
  g_assert_nonnull (strstr (warning, name));
  g_assert_nonnull (strstr (warning, why));
  g_assert_false (state->entry.is_set);
  g_assert_cmpuint (state->bans->len, ==, 0);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK));
}

static void
test_corruption (Fixture *f, gconstpointer user_data)
{
  static const struct {
    const char *text;
    const char *why;
  } cases[] = {
    { "", "ends early" },
    { "not json", "JSON" },
    { "{\"version\":1", "ends early" },
    { "[]", "root" },
    { "{\"version\":2,\"whatever\":[]}", "newer version (2)" },
    { "{\"version\":1,\"new_entries\":[],\"bans\":[5],\"records\":[]}", "bans" },
  };

  save (f, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *aside = g_strdup_printf ("%s.bad-%u", f->path, i + 1);
    g_autofree char *kept = NULL;

    g_assert_true (g_file_set_contents (f->path, cases[i].text, -1, NULL));
    assert_set_aside (f, i + 1, cases[i].why);
    g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
    g_assert_cmpstr (kept, ==, cases[i].text);
    /* From there on all is well. */
    save (f, i);
    assert_loads (f, i);
  }
}

/* A part of a file, as a crash without an atomic write would leave it. */
static void
test_torn (Fixture *f, gconstpointer user_data)
{
  g_autofree char *text = NULL;
  gsize size = 0;

  save (f, 1);
  g_assert_true (g_file_get_contents (f->path, &text, &size, NULL));
  for (gsize part = 0; part < size; part += 7) {
    g_autofree char *aside = g_strconcat (f->path, ".bad-1", NULL);

    g_assert_true (g_file_set_contents (f->path, text, (gssize) part, NULL));
    assert_set_aside (f, 1, "cannot be used");
    g_assert_cmpint (g_remove (aside), ==, 0);
  }
}

static void
test_odd_files (Fixture *f, gconstpointer user_data)
{
  g_autofree char *blanks = g_strnfill (CLOVE_STATE_MAX_SIZE + 1, ' ');

  g_assert_cmpint (g_mkdir_with_parents (f->path, 0700), ==, 0);
  assert_set_aside (f, 1, "not a file");
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  assert_set_aside (f, 2, "not a file");
  g_assert_true (g_file_set_contents (f->path, blanks, -1, NULL));
  assert_set_aside (f, 3, "4 MB");
  g_assert_cmpint (symlink ("state.json", f->path), ==, 0);
  assert_set_aside (f, 4, "cannot be opened");
  save (f, 5);
  assert_loads (f, 5);
}

/* However often it happens, the names end. */
static void
test_many_set_aside (Fixture *f, gconstpointer user_data)
{
  save (f, 1);
  for (guint i = 1; i <= 101; i++) {
    g_assert_true (g_file_set_contents (f->path, "x", -1, NULL));
    assert_set_aside (f, MIN (i, 99), "JSON");
  }
  g_assert_cmpuint (count_files (f->folder), ==, 99);
}

static void
assert_save_fails (Fixture *f, const char *why)
{
  g_autoptr (CloveState) state = numbered_state (f, 99);
  g_autoptr (GError) error = NULL;

  g_assert_false (clove_state_file_save (f->file, state, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_true (g_str_has_prefix (error->message, "what Clove remembers could not be saved: "));
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_read_only_folder (Fixture *f, gconstpointer user_data)
{
  gboolean is_root = geteuid () == 0;

  save (f, 1);
  g_assert_cmpint (g_chmod (f->folder, 0500), ==, 0);
  if (is_root) {
    g_autofree char *middle = g_path_get_dirname (f->folder);

    /* Nothing is read-only for root. */
    g_assert_cmpint (g_chmod (f->top, 0755), ==, 0);
    g_assert_cmpint (g_chmod (middle, 0755), ==, 0);
    g_assert_cmpint (chown (f->folder, NOBODY, NOBODY), ==, 0);
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  }
  assert_save_fails (f, g_strerror (EACCES));
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpuint (count_files (f->folder), ==, 1);
  assert_loads (f, 1);
  g_assert_cmpint (g_chmod (f->folder, 0700), ==, 0);
  save (f, 2);
  assert_loads (f, 2);
}

/* What cannot be read, nor set aside, is not written over. */
static void
test_read_only_and_spoilt (Fixture *f, gconstpointer user_data)
{
  gboolean is_root = geteuid () == 0;
  g_autofree char *warning = NULL;
  g_autofree char *kept = NULL;

  g_assert_cmpint (g_mkdir_with_parents (f->folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (f->path, "precious", -1, NULL));
  g_assert_cmpint (g_chmod (f->path, 0644), ==, 0);
  if (is_root) {
    g_autofree char *middle = g_path_get_dirname (f->folder);

    g_assert_cmpint (g_chmod (f->top, 0755), ==, 0);
    g_assert_cmpint (g_chmod (middle, 0755), ==, 0);
    g_assert_cmpint (chown (f->folder, NOBODY, NOBODY), ==, 0);
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  }
  g_assert_cmpint (g_chmod (f->folder, 0500), ==, 0);
  clove_state_free (clove_state_file_load (f->file, &warning));
  g_assert_cmpint (g_chmod (f->folder, 0700), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_nonnull (warning);
  g_test_message ("%s", warning);
  g_assert_nonnull (strstr (warning, "nothing new will be saved"));
  assert_save_fails (f, "in the way");
  g_assert_true (g_file_get_contents (f->path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "precious");
}

static void
test_full_disk (Fixture *f, gconstpointer user_data)
{
  struct rlimit limit = { 0 };
  struct rlimit none = { 0 };

  save (f, 1);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  none = (struct rlimit){ .rlim_cur = 10, .rlim_max = limit.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &none), ==, 0);
  assert_save_fails (f, g_strerror (EFBIG));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  g_assert_cmpuint (count_files (f->folder), ==, 1);
  assert_loads (f, 1);
}

static void
test_folder_in_the_way (Fixture *f, gconstpointer user_data)
{
  g_autofree char *middle = g_path_get_dirname (f->folder);

  g_assert_true (g_file_set_contents (middle, "a file", -1, NULL));
  assert_save_fails (f, "folder");
}

/* Saves without end in another process. */
static pid_t
start_writer (Fixture *f)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid != 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (guint i = 1;; i = i % 1000 + 1)
    save (f, i);
}

/* Reads until the file has changed @n_changes times; it is always whole. */
static void
watch (Fixture *f, guint n_changes)
{
  g_autofree char *last = NULL;

  while (n_changes > 0) {
    g_autofree char *text = NULL;
    g_autoptr (GBytes) bytes = NULL;
    g_autoptr (CloveState) state = NULL;

    g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
    bytes = g_bytes_new (text, strlen (text));
    state = clove_state_parse (bytes, clove_state_time (f->clock), NULL);
    g_assert_nonnull (state);
    n_changes -= g_strcmp0 (text, last) != 0 ? 1 : 0;
    g_free (last);
    last = g_steal_pointer (&text);
  }
}

/* A writer that is killed at any moment leaves the old or the new, and nothing else counts. */
static void
test_killed_writer (Fixture *f, gconstpointer user_data)
{
  for (guint round = 0; round < 10; round++) {
    g_autofree char *warning = NULL;
    pid_t pid = 0;

    save (f, 0);
    pid = start_writer (f);
    watch (f, 3 + round);
    g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
    g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
    clove_state_free (clove_state_file_load (f->file, &warning));
    g_assert_null (warning);
  }
}

/* Waits for another thread; a hang is ended by the time that a test may take. */
static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
save_async (Fixture *f, guint number, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  clove_state_file_save_async (f->file, numbered_state (f, number), test_loop_on_ready, &result);
  wait_for (&result);
  return clove_state_file_save_finish (result, error);
}

static void
test_async (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (save_async (f, 3, &error));
  g_assert_no_error (error);
  assert_loads (f, 3);
  remove_all (f->folder);
  g_assert_true (g_file_set_contents (f->folder, "a file", -1, NULL));
  g_assert_false (save_async (f, 4, &error));
  g_assert_true (error->domain == G_FILE_ERROR);
}

/* The last save asked for remains, whichever thread is first; and nobody needs to wait for them. */
static void
test_order (Fixture *f, gconstpointer user_data)
{
  GAsyncResult *results[8] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    clove_state_file_save_async (f->file, numbered_state (f, i), test_loop_on_ready, &results[i]);
  save (f, 50);
  assert_loads (f, 50);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    wait_for (&results[i]);
    g_assert_true (clove_state_file_save_finish (results[i], NULL));
    g_object_unref (results[i]);
  }
  assert_loads (f, 50);
}

/* A save goes on to its end when the file's owner is gone. */
static void
test_freed_early (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GAsyncResult) result = NULL;

  clove_state_file_save_async (f->file, numbered_state (f, 51), test_loop_on_ready, &result);
  clove_state_file_free (f->file);
  f->file = clove_state_file_new (f->clock, f->folder);
  wait_for (&result);
  g_assert_true (clove_state_file_save_finish (result, NULL));
  assert_loads (f, 51);
}

#define ADD(name, function) \
  g_test_add ("/clove/directory/state-file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-destroy", test_new_destroy);
  ADD ("round-trip", test_round_trip);
  ADD ("permissions", test_permissions);
  ADD ("corruption", test_corruption);
  ADD ("torn", test_torn);
  ADD ("odd-files", test_odd_files);
  ADD ("many-set-aside", test_many_set_aside);
  ADD ("read-only-folder", test_read_only_folder);
  ADD ("read-only-and-spoilt", test_read_only_and_spoilt);
  ADD ("full-disk", test_full_disk);
  ADD ("folder-in-the-way", test_folder_in_the_way);
  ADD ("killed-writer", test_killed_writer);
  ADD ("async", test_async);
  ADD ("order", test_order);
  ADD ("freed-early", test_freed_early);
  return g_test_run ();
}
