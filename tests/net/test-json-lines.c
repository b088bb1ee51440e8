/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program reads that watches clove-proxy --json, from its start to its end. */
#include "config.h"

#include "program.h"

#include "clove-json-check.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS "--demo --json --listen 127.0.0.1:0"
#define TIMEOUT_S 40

typedef struct {
  char *folder; /* of the programs' temporary files: they have to leave it empty */
} Fixture;

static void
set_up (Fixture *f, gconstpointer user_data)
{
  f->folder = g_dir_make_tmp ("clove-test-XXXXXX", NULL);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->folder);
}

static JsonObject *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object = NULL;

  g_assert_true (clove_json_check (line, strlen (line), &error));
  g_assert_no_error (error);
  root = json_from_string (line, &error);
  g_assert_no_error (error);
  object = json_node_dup_object (root);
  g_assert_cmpint (json_object_get_int_member (object, "schema"), ==, 1);
  return object;
}

/* Everything that the program has said in whole lines. */
static GPtrArray *
parse_lines (const Program *program)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_auto (GStrv) lines = g_strsplit (program->output->str, "\n", -1);

  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    g_ptr_array_add (objects, parse (lines[i]));
  return objects;
}

static JsonObject *
get_last (GPtrArray *lines)
{
  g_assert_cmpuint (lines->len, >, 0);
  return lines->pdata[lines->len - 1];
}

static const char *
state_of (JsonObject *line)
{
  return json_object_get_string_member (line, "state");
}

static JsonObject *
wait_until_connected (Program *program)
{
  g_autofree char *line =
    program_wait_for_line (program, program->output, "\"state\":\"connected\"");

  return parse (line);
}

static void
fetch_page (const char *address)
{
  static const char request[] =
    "GET http://demo.ton/ HTTP/1.1\r\nHost: demo.ton\r\nConnection: close\r\n\r\n";
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  GOutputStream *output = NULL;
  GInputStream *input = NULL;
  char status[16] = { 0 };
  gsize n_read = 0;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  connection = g_socket_client_connect_to_host (client, address, 0, NULL, &error);
  g_assert_no_error (error);
  output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_output_stream_write_all (output, request, strlen (request), NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (input, status, strlen ("HTTP/1.1 200"), &n_read, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (status, ==, "HTTP/1.1 200");
}

static void
kill_relay (Fixture *f, const char *control, const char *name)
{
  g_autofree char *arguments = g_strdup_printf ("ctl '%s' 'kill %s'", control, name);
  g_autoptr (Program) program = program_new ("clove-localnet", f->folder, arguments);

  g_assert_cmpint (program_wait_for_end (program), ==, 0);
}

static const char *
exit_of (JsonObject *line)
{
  JsonArray *live = json_object_get_array_member (line, "live");

  g_assert_cmpuint (json_array_get_length (live), ==, 3);
  return json_object_get_string_member (json_array_get_object_element (live, 2), "name");
}

/* Each cause is told once, in order; returns how many are of @kind. */
static guint
count_causes (GPtrArray *lines, const char *kind)
{
  gint64 serial = 0;
  guint n_found = 0;

  for (guint i = 0; i < lines->len; i++) {
    JsonArray *causes = json_object_get_array_member (lines->pdata[i], "causes");

    for (guint j = 0; j < json_array_get_length (causes); j++) {
      JsonObject *cause = json_array_get_object_element (causes, j);

      serial++;
      g_assert_cmpint (json_object_get_int_member (cause, "serial"), ==, serial);
      if (g_str_equal (json_object_get_string_member (cause, "kind"), kind))
        n_found++;
    }
  }
  return n_found;
}

static gint64
most_strikes (GPtrArray *lines)
{
  gint64 most = 0;

  for (guint i = 0; i < lines->len; i++)
    most = MAX (most, json_object_get_int_member (lines->pdata[i], "strikes"));
  return most;
}

/* The exit dies: the lines tell of strikes and a rebuild, and name relays but no sites. */
static void
test_session (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, ARGUMENTS);
  g_autofree char *control =
    program_wait_for_value (program, program->errors, "clove-localnet ctl ");
  g_autoptr (JsonObject) connected = wait_until_connected (program);
  const char *address = json_object_get_string_member (connected, "listen_address");
  g_autoptr (GPtrArray) lines = NULL;

  fetch_page (address);
  kill_relay (f, control, exit_of (connected));
  fetch_page (address);
  program_wait_for (program, program->output, "\"kind\":\"rebuilt\"");
  program_send_signal (program, SIGTERM);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);

  lines = parse_lines (program);
  g_assert_true (g_str_has_suffix (program->output->str, "}\n"));
  g_assert_cmpuint (count_causes (lines, "connected"), ==, 1);
  g_assert_cmpuint (count_causes (lines, "strike"), >=, 3);
  g_assert_cmpuint (count_causes (lines, "rebuilding"), ==, 1);
  g_assert_cmpuint (count_causes (lines, "rebuilt"), ==, 1);
  g_assert_cmpint (most_strikes (lines), >=, 1);
  g_assert_cmpstr (state_of (get_last (lines)), ==, "off");
  g_assert_cmpint (json_object_get_int_member (get_last (lines), "generation"), ==, 2);
  g_assert_null (strstr (program->output->str, "demo.ton"));
  /* People are told as ever. */
  g_assert_nonnull (strstr (program->errors->str, " Strike 3 of 3: "));
}

/* No two lines differ by nothing but what goes on by itself. */
static void
test_each_line_has_news (Fixture *f, gconstpointer user_data)
{
  static const char *const clocks[] = { "time_s", "live_for_ms", "next_try_in_ms",
                                        "rebuild_in_ms", "next_rotation_in_ms",
                                        "directory_age_s" };
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, ARGUMENTS);
  g_autoptr (JsonObject) connected = wait_until_connected (program);
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *last = NULL;

  fetch_page (json_object_get_string_member (connected, "listen_address"));
  program_wait_for (program, program->output, "\"n_requests\":1,");
  program_send_signal (program, SIGTERM);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  lines = parse_lines (program);
  for (guint i = 0; i < lines->len; i++) {
    g_autoptr (JsonNode) node = json_node_alloc ();
    g_autofree char *text = NULL;

    for (guint j = 0; j < G_N_ELEMENTS (clocks); j++)
      json_object_remove_member (lines->pdata[i], clocks[j]);
    json_node_init_object (node, lines->pdata[i]);
    text = json_to_string (node, FALSE);
    g_assert_cmpstr (text, !=, last);
    g_free (last);
    last = g_steal_pointer (&text);
  }
}

/* GLib writes debug messages to standard output unless it is told otherwise. */
static void
test_debug_messages (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program =
    program_new_with_debug ("clove-proxy", f->folder, ARGUMENTS, "all");
  g_autofree char *connected =
    program_wait_for_line (program, program->output, "\"state\":\"connected\"");
  g_autoptr (GPtrArray) lines = NULL;

  g_assert_nonnull (connected);
  program_send_signal (program, SIGTERM);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  lines = parse_lines (program);
  g_assert_cmpstr (state_of (get_last (lines)), ==, "off");
  g_assert_nonnull (strstr (program->errors->str, "-DEBUG"));
}

static void
test_failure (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *arguments =
    g_strdup_printf ("--auto --directory /nonexistent --json --listen 127.0.0.1:%u", port);
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, arguments);
  g_autoptr (GPtrArray) lines = NULL;
  JsonObject *failed = NULL;

  g_assert_cmpint (program_wait_for_end (program), ==, 1);
  lines = parse_lines (program);
  failed = lines->pdata[0];
  g_assert_cmpstr (state_of (failed), ==, "failed");
  g_assert_cmpint (json_object_get_int_member (failed, "problem_code"), ==,
                   G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (json_object_get_string_member (failed, "problem"));
  g_assert_cmpstr (state_of (get_last (lines)), ==, "off");
}

/* The reader closes its end; whoever browses does not notice. */
static void
test_reader_goes_away (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, ARGUMENTS);
  g_autoptr (JsonObject) connected = wait_until_connected (program);
  const char *address = json_object_get_string_member (connected, "listen_address");
  int pipe_fd = g_unix_input_stream_get_fd (
    G_UNIX_INPUT_STREAM (g_subprocess_get_stdout_pipe (program->process)));
  int null_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  /* In its place, so that the number is not another file's. */
  g_assert_cmpint (dup3 (null_fd, pipe_fd, O_CLOEXEC), ==, pipe_fd);
  close (null_fd);
  fetch_page (address);
  program_wait_for (program, program->errors, "Nobody can read the lines of JSON any more");
  fetch_page (address);
  program_send_signal (program, SIGTERM);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  g_assert_null (
    strstr (strstr (program->errors->str, "Nobody can read") + 1, "Nobody can read"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/json-lines/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("session", test_session);
  ADD ("each-line-has-news", test_each_line_has_news);
  ADD ("debug-messages", test_debug_messages);
  ADD ("failure", test_failure);
  ADD ("reader-goes-away", test_reader_goes_away);
#undef ADD
  return g_test_run ();
}
