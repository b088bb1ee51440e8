/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove-proxy and clove-localnet from end to end: started, used, broken and ended as users do. */
#include "config.h"

#include "program.h"

#include "clove-demo-file.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#define N_CONNECTIONS 8
#define N_REQUESTS    1000 /* over all connections */
#define MAX_BODY_SIZE 4000
#define TIMEOUT_S     40

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

static Program *
start_demo (Fixture *f)
{
  return program_new ("clove-proxy", f->folder, "--demo --listen 127.0.0.1:0");
}

/* Returns "ip:port" once the proxy is ready. */
static char *
wait_until_ready (Program *program)
{
  g_autofree char *url = program_wait_for_value (program, program->output, "Proxy listening on ");

  g_assert_true (g_str_has_prefix (url, "http://127.0.0.1:"));
  return g_strdup (url + strlen ("http://"));
}

static GSocketConnection *
connect_to (const char *address)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = NULL;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  connection = g_socket_client_connect_to_host (client, address, 0, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
send_text (GSocketConnection *connection, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

static GDataInputStream *
open_input (GSocketConnection *connection)
{
  GDataInputStream *input =
    g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));

  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
  return input;
}

/* Returns the status of the next reply, with its length if it says one. */
static guint
read_head (GDataInputStream *input, gsize *length_out)
{
  guint status = 0;

  for (;;) {
    g_autofree char *line = g_data_input_stream_read_line (input, NULL, NULL, NULL);

    g_assert_nonnull (line);
    if (line[0] == '\0')
      return status;
    if (status == 0)
      status = (guint) g_ascii_strtoull (line + strlen ("HTTP/1.1 "), NULL, 10);
    if (g_ascii_strncasecmp (line, "Content-Length: ", 16) == 0)
      *length_out = (gsize) g_ascii_strtoull (line + 16, NULL, 10);
  }
}

static guint
read_reply (GDataInputStream *input, guint8 body[static MAX_BODY_SIZE], gsize *size_out)
{
  guint status = read_head (input, size_out);
  gsize n_read = 0;

  g_assert_cmpuint (*size_out, <=, MAX_BODY_SIZE);
  g_assert_true (g_input_stream_read_all (G_INPUT_STREAM (input), body, *size_out, &n_read, NULL,
                                          NULL));
  g_assert_cmpuint (n_read, ==, *size_out);
  return status;
}

static void
test_version (Fixture *f, gconstpointer user_data)
{
  static const char *const names[] = { "clove-proxy", "clove-localnet" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (Program) program = program_new (names[i], f->folder, "version");
    g_autofree char *expected = g_strdup_printf ("%s %s\n", names[i], CLOVE_VERSION);

    g_assert_cmpint (program_wait_for_end (program), ==, 0);
    g_assert_cmpstr (program->output->str, ==, expected);
    g_assert_cmpstr (program->errors->str, ==, "");
  }
}

/* Each option has its line, and no line stands for two. */
static void
test_help (Fixture *f, gconstpointer user_data)
{
  static const char *const options[] = {
    "auto", "direct", "demo", "once=URL", "listen=IP:PORT", "relay1=IP:PORT,KEY",
    "relay2=IP:PORT,KEY", "relay3=IP:PORT,KEY", "rotate=DURATION", "retries=N", "no-standby",
    "no-repeat", "no-kept-entry", "json", "directory=URL", "config=PATH", "version"
  };
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, "--help");
  g_autoptr (GRegex) line = g_regex_new ("^  --", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint n_lines = 0;

  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autofree char *start = g_strdup_printf ("\n  --%s  ", options[i]);

    g_test_message ("%s", options[i]);
    g_assert_nonnull (strstr (program->output->str, start));
  }
  g_regex_match (line, program->output->str, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL))
    n_lines++;
  g_assert_cmpuint (n_lines, ==, G_N_ELEMENTS (options));
}

static void
test_bad_flags (Fixture *f, gconstpointer user_data)
{
  static const struct {
    const char *arguments;
    const char *message;
  } cases[] = {
    { "", "clove-proxy: say how to connect: --auto, --demo, or" },
    { "--nonsense", "clove-proxy: Unknown option --nonsense.\n" },
    { "--direct", "clove-proxy: --direct is not available yet" },
    { "--auto --demo", "clove-proxy: --auto, --demo and --relay1" },
    { "--auto --retries 0", "clove-proxy: --retries takes a number" },
    { "--auto --rotate=1", "clove-proxy: --rotate: “1” is not a duration" },
    { "--demo --listen nonsense", "clove-proxy: --listen: “nonsense” is not" },
    { "--demo --once https://demo.ton/", "clove-proxy: --once: “https://demo.ton/” is not" },
    { "--auto --directory ''", "clove-proxy: --directory takes" },
    { "--relay1 a --relay2 b --relay3 c", "clove-proxy: --relay1: “a” is not" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Program) program = program_new ("clove-proxy", f->folder, cases[i].arguments);

    g_test_message ("%s", cases[i].arguments);
    g_assert_cmpint (program_wait_for_end (program), ==, 1);
    g_assert_cmpstr (program->output->str, ==, "");
    g_assert_true (g_str_has_prefix (program->errors->str, cases[i].message));
  }
}

static void
test_once (Fixture *f, gconstpointer user_data)
{
  static const char *const wanted[] = {
    "Entry:  relay",
    "\nMiddle: relay",
    "\nExit:   relay",
    "\nProxy listening on http://127.0.0.1:",
    "\nhttp://demo.ton/: status 200\n\nIt works.",
    "\nWhat to try next\n",
  };
  g_autoptr (Program) program =
    program_new ("clove-proxy", f->folder, "--demo --once http://demo.ton/");
  const char *at = NULL;

  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  at = program->output->str;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    at = strstr (at, wanted[i]);
    g_assert_nonnull (at);
  }
  /* States that pass quickly may go unsaid; nothing else is said. */
  g_assert_null (strstr (program->errors->str, "clove-proxy:"));
  g_assert_null (strstr (program->errors->str, "Problem"));
}

static void
test_once_fails (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program =
    program_new ("clove-proxy", f->folder, "--demo --once http://x.nx.ton/");

  g_assert_cmpint (program_wait_for_end (program), ==, 1);
  g_assert_nonnull (strstr (program->output->str, "http://x.nx.ton/: status 502\n\nThe site"));
  g_assert_null (strstr (program->output->str, "<html"));
}

typedef struct {
  const char *address;
  guint first;
} Visitor;

/* No two requests are for a page of the same size, so one that goes astray is noticed. */
static gpointer
visit (gpointer user_data)
{
  const Visitor *visitor = user_data;
  g_autoptr (GSocketConnection) connection = connect_to (visitor->address);
  g_autoptr (GDataInputStream) input = open_input (connection);

  for (guint i = visitor->first; i < N_REQUESTS; i += N_CONNECTIONS) {
    gsize wanted_size = 1000 + i;
    g_autofree char *request = g_strdup_printf (
      "GET http://demo.ton/bytes/%zu HTTP/1.1\r\nHost: demo.ton\r\n\r\n", wanted_size);
    guint8 body[MAX_BODY_SIZE] = { 0 };
    guint8 wanted[MAX_BODY_SIZE] = { 0 };
    gsize size = 0;

    send_text (connection, request);
    g_assert_cmpuint (read_reply (input, body, &size), ==, 200);
    clove_demo_file_fill (wanted_size, 0, wanted, wanted_size);
    g_assert_cmpmem (body, size, wanted, wanted_size);
  }
  return NULL;
}

static void
test_traffic (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = start_demo (f);
  g_autofree char *address = wait_until_ready (program);
  Visitor visitors[N_CONNECTIONS] = { 0 };
  GThread *threads[N_CONNECTIONS] = { 0 };

  for (guint i = 0; i < N_CONNECTIONS; i++) {
    visitors[i] = (Visitor){ .address = address, .first = i };
    threads[i] = g_thread_new ("visitor", visit, &visitors[i]);
  }
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_thread_join (threads[i]);
  program_send_signal (program, SIGTERM);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
}

/* Returns when the proxy has a request in hand that takes @delay_ms: its 100 says so. */
static GDataInputStream *
begin_slow_request (GSocketConnection *connection, guint delay_ms)
{
  g_autofree char *head = g_strdup_printf ("POST http://demo.ton/slow/%u HTTP/1.1\r\n"
                                           "Host: demo.ton\r\nContent-Length: 1\r\n"
                                           "Expect: 100-continue\r\n\r\n",
                                           delay_ms);
  GDataInputStream *input = open_input (connection);
  gsize length = 0;

  send_text (connection, head);
  g_assert_cmpuint (read_head (input, &length), ==, 100);
  send_text (connection, "x");
  return input;
}

/* What is in flight when the signal comes is served to its end. */
static void
test_gentle_stop (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = start_demo (f);
  g_autofree char *address = wait_until_ready (program);
  g_autoptr (GSocketConnection) connection = connect_to (address);
  g_autoptr (GDataInputStream) input = begin_slow_request (connection, 500);
  guint8 body[MAX_BODY_SIZE] = { 0 };
  gsize size = 0;

  program_send_signal (program, SIGTERM);
  g_assert_cmpuint (read_reply (input, body, &size), ==, 200);
  g_assert_cmpmem (body, size, "Thought about it for 500 ms.\n", 29);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
}

/* Who asks twice does not want to wait. */
static void
test_second_signal (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = start_demo (f);
  g_autofree char *address = wait_until_ready (program);
  g_autoptr (GSocketConnection) connection = connect_to (address);
  g_autoptr (GDataInputStream) input = begin_slow_request (connection, 60000);
  gint64 begin_us = 0;

  program_send_signal (program, SIGINT);
  program_wait_for (program, program->errors, "Stopping.\n");
  begin_us = g_get_monotonic_time ();
  program_send_signal (program, SIGINT);
  g_assert_cmpint (program_wait_for_end (program), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, 8 * G_USEC_PER_SEC);
}

static void
test_port_of_clove (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) first = start_demo (f);
  g_autofree char *address = wait_until_ready (first);
  const char *port = strchr (address, ':') + 1;
  g_autofree char *arguments =
    g_strdup_printf ("--auto --directory /nonexistent --listen localhost:%s", port);
  g_autofree char *message =
    g_strdup_printf ("clove-proxy: Clove already runs on port %s and can be used there", port);
  g_autoptr (Program) second = program_new ("clove-proxy", f->folder, arguments);

  g_assert_cmpint (program_wait_for_end (second), ==, 1);
  g_assert_true (g_str_has_prefix (second->errors->str, message));
  program_send_signal (first, SIGTERM);
  g_assert_cmpint (program_wait_for_end (first), ==, 0);
}

/* The other program takes connections and says nothing. */
static void
test_port_of_others (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *arguments =
    g_strdup_printf ("--auto --directory /nonexistent --listen 127.0.0.1:%u", port);
  g_autofree char *message = g_strdup_printf (
    "clove-proxy: another program already listens on 127.0.0.1:%u; this address is free: "
    "--listen 127.0.0.1:",
    port);
  g_autoptr (Program) program = program_new ("clove-proxy", f->folder, arguments);

  g_assert_cmpint (program_wait_for_end (program), ==, 1);
  g_assert_true (g_str_has_prefix (program->errors->str, message));
}

static GSocketConnection *
connect_to_control (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = NULL;

  g_socket_client_set_timeout (client, TIMEOUT_S);
  connection =
    g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
run_ctl (Fixture *f, const char *path, const char *line, int status, const char *wanted)
{
  g_autofree char *arguments = g_strdup_printf ("ctl '%s' %s", path, line);
  g_autoptr (Program) program = program_new ("clove-localnet", f->folder, arguments);

  g_assert_cmpint (program_wait_for_end (program), ==, status);
  g_assert_nonnull (strstr (program->output->str, wanted));
}

/* The command that the demo prints works; then the network dies, and the proxy says so. */
static void
test_demo_dies (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = start_demo (f);
  g_autofree char *path =
    program_wait_for_value (program, program->errors, "clove-localnet ctl ");
  g_autofree char *address = wait_until_ready (program);
  g_autoptr (GSocketConnection) control = connect_to_control (path);
  g_autoptr (GCredentials) owner =
    g_socket_get_credentials (g_socket_connection_get_socket (control), NULL);

  run_ctl (f, path, "'kill relay3'", 0, "ok\n");
  run_ctl (f, path, "list", 0, "\nrelay3 ");
  run_ctl (f, path, "kill nobody", 1, "error: there is no relay “nobody”\n");
  g_assert_cmpint (kill (g_credentials_get_unix_pid (owner, NULL), SIGKILL), ==, 0);
  g_assert_cmpint (program_wait_for_end (program), ==, 1);
  g_assert_nonnull (
    strstr (program->errors->str, "\nclove-proxy: the demo network has ended.\n"));
}

/* The network goes with the proxy even when that could say nothing any more. */
static void
test_proxy_is_killed (Fixture *f, gconstpointer user_data)
{
  g_autoptr (Program) program = start_demo (f);
  g_autofree char *path =
    program_wait_for_value (program, program->errors, "clove-localnet ctl ");
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *directory = g_build_filename (folder, "relays.json", NULL);
  g_autoptr (GSocketConnection) control = connect_to_control (path);
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (control));
  char byte = 0;

  program_send_signal (program, SIGKILL);
  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, NULL), ==, 0);
  /* It has been told in clove-demo.h that this stays. */
  g_assert_cmpint (g_unlink (directory), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Answers one request with a list of relays that are nowhere, then is gone. */
static gpointer
serve_directory_once (gpointer user_data)
{
  GSocketListener *listener = user_data;
  g_autoptr (GSocketConnection) connection =
    g_socket_listener_accept (listener, NULL, NULL, NULL);
  /* The public keys of the first examples in RFC 8032. */
  static const char list[] =
    "{\"version\":2,\"updated\":\"2026-01-01\",\"relays\":["
    "{\"name\":\"a\",\"address\":\"127.0.0.1:9\",\"roles\":[\"entry\"],\"pubkey\":"
    "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\"},"
    "{\"name\":\"b\",\"address\":\"127.0.0.1:11\",\"roles\":[\"middle\"],\"pubkey\":"
    "\"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\"},"
    "{\"name\":\"c\",\"address\":\"127.0.0.1:13\",\"roles\":[\"exit\"],\"pubkey\":"
    "\"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025\"}]}";
  g_autofree char *reply = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
                                            "Connection: close\r\n\r\n%s",
                                            strlen (list), list);
  char request[2048];

  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), request,
                       sizeof request, NULL, NULL);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), reply,
                             strlen (reply), NULL, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_socket_listener_close (listener);
  return NULL;
}

/* A directory that was fetched once serves the next start without a network. */
static void
test_directory_is_kept (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  GThread *server = g_thread_new ("directory", serve_directory_once, listener);
  g_autofree char *folder = g_build_filename (f->folder, "clove", NULL);
  g_autofree char *copy = g_build_filename (folder, "relays.json", NULL);
  g_autofree char *state = g_build_filename (folder, "state.json", NULL);
  g_autofree char *arguments = g_strdup_printf (
    "--auto --listen 127.0.0.1:0 --directory http://127.0.0.1:%u/list", (guint) port);

  for (guint run = 0; run < 2; run++) {
    g_autoptr (Program) program = program_new ("clove-proxy", f->folder, arguments);

    program_wait_for (program, program->errors, "the directory has 3 relays");
    program_send_signal (program, SIGTERM);
    g_assert_cmpint (program_wait_for_end (program), ==, 0);
  }
  g_thread_join (server);
  g_assert_cmpint (g_unlink (copy), ==, 0);
  g_unlink (state);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/clove/programs/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("version", test_version);
  ADD ("help", test_help);
  ADD ("bad-flags", test_bad_flags);
  ADD ("once", test_once);
  ADD ("once-fails", test_once_fails);
  ADD ("traffic", test_traffic);
  ADD ("gentle-stop", test_gentle_stop);
  ADD ("second-signal", test_second_signal);
  ADD ("port-of-clove", test_port_of_clove);
  ADD ("port-of-others", test_port_of_others);
  ADD ("directory-is-kept", test_directory_is_kept);
  ADD ("demo-dies", test_demo_dies);
  ADD ("proxy-is-killed", test_proxy_is_killed);
#undef ADD
  return g_test_run ();
}
