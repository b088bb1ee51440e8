/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-demo.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <unistd.h>

#define PROGRAM "clove-localnet"

struct _CloveDemo {
  GObject parent_instance;

  /* Owned. */
  char *program; /* path of clove-localnet, NULL before the start */
  char *folder;  /* a private temporary folder, NULL before the start */
  char *directory;
  char *control;
  GSubprocess *child;
  GDataInputStream *output;
  GCancellable *watch; /* of the child's end */

  gboolean is_ready;
};

G_DEFINE_FINAL_TYPE (CloveDemo, clove_demo, G_TYPE_OBJECT)

enum {
  SIGNAL_ENDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
on_child_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CloveDemo *self = user_data;
  g_autoptr (GError) error = NULL;

  /* The demo is gone when its watch was cancelled. */
  if (!g_subprocess_wait_finish (G_SUBPROCESS (source), result, &error))
    return;
  if (self->is_ready)
    g_signal_emit (self, signals[SIGNAL_ENDED], 0);
}

static void
clove_demo_dispose (GObject *object)
{
  CloveDemo *self = CLOVE_DEMO (object);

  if (self->child != NULL) {
    g_cancellable_cancel (self->watch);
    g_subprocess_send_signal (self->child, SIGTERM);
  }
  g_clear_object (&self->watch);
  g_clear_object (&self->output);
  g_clear_object (&self->child);
  /* The child removes its socket itself, but it may have been killed. */
  if (self->folder != NULL) {
    g_unlink (self->directory);
    g_unlink (self->control);
    g_rmdir (self->folder);
  }
  g_clear_pointer (&self->control, g_free);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->program, g_free);

  G_OBJECT_CLASS (clove_demo_parent_class)->dispose (object);
}

static void
clove_demo_class_init (CloveDemoClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_demo_dispose;

  signals[SIGNAL_ENDED] = g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_demo_init (CloveDemo *self)
{
}

/* The program lies beside ours, or in the folder beside ours where it was built. */
static char *
find_program (GError **error)
{
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self_path != NULL ? self_path : CLOVE_BINDIR "/x");
  char *candidates[] = {
    g_build_filename (folder, PROGRAM, NULL),
    g_build_filename (folder, "..", "localnet", PROGRAM, NULL),
    g_build_filename (CLOVE_BINDIR, PROGRAM, NULL),
  };
  char *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++) {
    if (found == NULL && g_file_test (candidates[i], G_FILE_TEST_IS_EXECUTABLE))
      found = g_canonicalize_filename (candidates[i], NULL);
    g_free (candidates[i]);
  }
  if (found == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the program %s is missing", PROGRAM);
  return found;
}

/* In a session of its own, Ctrl+C in a terminal reaches us alone: what is in flight may finish. */
static void
on_child_setup (gpointer user_data)
{
  setsid ();
}

static gboolean
prepare_folder (CloveDemo *self, GError **error)
{
  self->folder = g_dir_make_tmp ("clove-demo-XXXXXX", error);
  if (self->folder == NULL)
    return FALSE;
  self->directory = g_build_filename (self->folder, "relays.json", NULL);
  self->control = g_build_filename (self->folder, "control", NULL);
  return TRUE;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  CloveDemo *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;
  g_autofree char *line =
    g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (error != NULL) {
    g_task_return_error (task, error);
  } else if (line == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             "the localnet ended before it was ready");
  } else if (g_str_equal (line, "ready")) {
    self->is_ready = TRUE;
    g_task_return_boolean (task, TRUE);
  } else {
    g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, cancellable, on_line,
                                         g_steal_pointer (&task));
  }
}

/** clove_demo_new: (transfer full): Make a demo that is not running. */
CloveDemo *
clove_demo_new (void)
{
  return g_object_new (CLOVE_TYPE_DEMO, NULL);
}

/**
 * clove_demo_start_async:
 * @self: a demo that was not started
 * @cancellable: (nullable): to give up
 * @callback: called when every relay answers
 * @user_data: for @callback
 *
 * Start the localnet.
 */
void
clove_demo_start_async (CloveDemo *self,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  GError *error = NULL;

  g_return_if_fail (self->child == NULL);

  g_task_set_source_tag (task, clove_demo_start_async);
  g_subprocess_launcher_set_child_setup (launcher, on_child_setup, NULL, NULL);
  self->program = find_program (&error);
  if (self->program != NULL && prepare_folder (self, &error))
    self->child =
      g_subprocess_launcher_spawn (launcher, &error, self->program, "--write-directory",
                                   self->directory, "--control", self->control, NULL);
  if (self->child == NULL) {
    g_task_return_error (task, error);
    return;
  }
  self->watch = g_cancellable_new ();
  g_subprocess_wait_async (self->child, self->watch, on_child_ended, self);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->child));
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, cancellable, on_line,
                                       g_steal_pointer (&task));
}

/**
 * clove_demo_start_finish:
 * @self: a demo
 * @result: what the callback was given
 * @error: %G_IO_ERROR or %G_SPAWN_ERROR
 *
 * Returns: whether the localnet is ready
 */
gboolean
clove_demo_start_finish (CloveDemo *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/** clove_demo_get_directory: (nullable): Get the path of the localnet's relay directory. */
const char *
clove_demo_get_directory (CloveDemo *self)
{
  return self->directory;
}

/** clove_demo_get_control: (nullable): Get the path of the socket that takes fault commands. */
const char *
clove_demo_get_control (CloveDemo *self)
{
  return self->control;
}

/** clove_demo_get_program: (nullable): Get the path of the program that sends fault commands. */
const char *
clove_demo_get_program (CloveDemo *self)
{
  return self->program;
}
