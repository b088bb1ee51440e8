/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's control socket and command line. */
#include "config.h"

#include "clove-localnet-command.h"
#include "clove-localnet-control.h"
#include "clove-localnet-options.h"
#include "test-net.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  TestNet *net;
  CloveLocalnetControl *control;
  char *folder;
  char *path;
} Fixture;

static const CloveLocalnetOptions options = { .n_relays = 2, .n_exits = 1, .seed = 1 };

static void
set_up (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  f->net = test_net_new (&options);
  f->control = clove_localnet_control_new (f->net->localnet);
  f->folder = g_dir_make_tmp ("clove-test-XXXXXX", &error);
  g_assert_no_error (error);
  f->path = g_build_filename (f->folder, "control", NULL);
}

static void
tear_down (Fixture *f, gconstpointer user_data)
{
  clove_localnet_control_free (f->control);
  test_loop_settle ();
  test_net_free (f->net);
  g_unlink (f->path);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->path);
  g_free (f->folder);
}

static void
listen_at_path (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  clove_localnet_control_listen (f->control, f->path, &error);
  g_assert_no_error (error);
}

static GSocket *
dial (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (f->path);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

/* Everything is in one thread: what is sent is answered once nothing is ready any more. */
static char *
exchange (GSocket *socket, const char *text)
{
  char buffer[4096] = { 0 };
  gsize size = 0;

  g_assert_cmpint (g_socket_send (socket, text, strlen (text), NULL, NULL), ==,
                   (gssize) strlen (text));
  for (guint i = 0; i < 10; i++) {
    gssize n = 0;

    test_loop_settle ();
    n = g_socket_receive (socket, buffer + size, sizeof buffer - 1 - size, NULL, NULL);
    size += n > 0 ? (gsize) n : 0;
  }
  return g_strndup (buffer, size);
}

static void
assert_answer (GSocket *socket, const char *text, const char *expected)
{
  g_autofree char *answer = exchange (socket, text);

  g_assert_cmpstr (answer, ==, expected);
}

static void
test_lines (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSocket) first = NULL;
  g_autoptr (GSocket) second = NULL;
  g_autofree char *long_line = g_strnfill (5000, 'x');
  g_autofree char *list = NULL;

  listen_at_path (f);
  first = dial (f);
  second = dial (f);
  assert_answer (first, "kill relay1\n", "ok\n");
  g_assert_false (clove_local_relay_is_running (test_net_get_relay (f->net, 1)));
  assert_answer (second, "revive relay1\r\n", "ok\n");
  assert_answer (first, "nonsense\n",
                 "error: unknown command “nonsense”; “help” lists the commands\n");
  assert_answer (first, "drop relay1", "");
  assert_answer (first, " 5\nheal\n", "ok\nok\n");
  assert_answer (first, long_line, "");
  assert_answer (first, "\nheal\n", "error: a line has at most 256 bytes of plain text\nok\n");
  list = exchange (second, "list\n");
  g_assert_true (g_str_has_prefix (list, "relay1 127."));
  g_assert_true (g_str_has_suffix (list, "\nok\n"));
}

static void
test_mode_and_removal (Fixture *f, gconstpointer user_data)
{
  struct stat status;

  listen_at_path (f);
  g_assert_cmpint (lstat (f->path, &status), ==, 0);
  g_assert_true (S_ISSOCK (status.st_mode));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  clove_localnet_control_free (f->control);
  g_assert_cmpint (lstat (f->path, &status), !=, 0);
  f->control = clove_localnet_control_new (f->net->localnet);
}

static void
test_occupied_path (Fixture *f, gconstpointer user_data)
{
  g_autoptr (CloveLocalnetControl) other = clove_localnet_control_new (f->net->localnet);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;

  g_assert_true (g_file_set_contents (f->path, "precious", -1, NULL));
  g_assert_false (clove_localnet_control_listen (other, f->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_true (g_file_get_contents (f->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "precious");
  g_clear_error (&error);
  g_unlink (f->path);
  listen_at_path (f);
  g_assert_false (clove_localnet_control_listen (other, f->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

/* What a program that crashed has left behind is no obstacle. */
static void
test_stale_socket (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (f->path);
  GSocket *stale = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocket) client = NULL;

  g_assert_true (g_socket_bind (stale, address, FALSE, NULL));
  g_assert_true (g_socket_listen (stale, NULL));
  g_object_unref (stale);
  listen_at_path (f);
  client = dial (f);
  assert_answer (client, "heal\n", "ok\n");
}

/* A path that cannot be had is no end: another may be tried. */
static void
test_second_path (Fixture *f, gconstpointer user_data)
{
  g_autofree char *nowhere = g_build_filename (f->folder, "missing", "control", NULL);
  g_autofree char *too_long = g_strnfill (200, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) client = NULL;

  g_assert_false (clove_localnet_control_listen (f->control, nowhere, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (clove_localnet_control_listen (f->control, too_long, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
  listen_at_path (f);
  client = dial (f);
  assert_answer (client, "heal\n", "ok\n");
}

static void
test_too_many (Fixture *f, gconstpointer user_data)
{
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  listen_at_path (f);
  for (guint i = 0; i <= CLOVE_LOCALNET_MAX_CLIENTS; i++) {
    g_ptr_array_add (clients, dial (f));
    test_loop_settle ();
  }
  assert_answer (g_ptr_array_index (clients, 0), "heal\n", "ok\n");
  {
    char byte = 0;
    GSocket *last = g_ptr_array_index (clients, CLOVE_LOCALNET_MAX_CLIENTS);

    g_assert_cmpint (g_socket_receive (last, &byte, 1, NULL, NULL), ==, 0);
  }
}

static void
test_arguments_good (void)
{
  char *none[] = { (char[]){ "clove-localnet" }, NULL };
  g_auto (GStrv) many = g_strsplit ("x --relays 9 --exits=3 --base-port 9000 --seed 77 "
                                    "--quirks=reference --origin 127.0.0.1:80 --control c "
                                    "--write-directory d --keep",
                                    " ", -1);
  g_auto (GStrv) one = g_strsplit ("x --relays 1", " ", -1);
  g_autoptr (CloveLocalnetArguments) plain = clove_localnet_arguments_parse (none, NULL);
  g_autoptr (CloveLocalnetArguments) full = clove_localnet_arguments_parse (many, NULL);
  g_autoptr (CloveLocalnetArguments) single = clove_localnet_arguments_parse (one, NULL);

  g_assert_cmpuint (plain->network.n_relays, ==, 6);
  g_assert_cmpuint (plain->network.n_exits, ==, 2);
  g_assert_cmpuint (plain->network.base_port, ==, 0);
  g_assert_false (plain->network.plays_reference || plain->keeps_running);
  g_assert_cmpuint (full->network.n_relays, ==, 9);
  g_assert_cmpuint (full->network.n_exits, ==, 3);
  g_assert_cmpuint (full->network.base_port, ==, 9000);
  g_assert_cmpuint (full->network.seed, ==, 77);
  g_assert_true (full->network.plays_reference && full->keeps_running);
  g_assert_cmpstr (full->origin, ==, "127.0.0.1:80");
  g_assert_cmpstr (full->control_path, ==, "c");
  g_assert_cmpstr (full->directory_path, ==, "d");
  g_assert_cmpuint (single->network.n_exits, ==, 1);
}

static void
test_arguments_bad (void)
{
  static const char *const cases[] = {
    "x --relays 0",
    "x --relays 65",
    "x --relays -1",
    "x --relays six",
    "x --exits 7",
    "x --exits=-2",
    "x --base-port 65530",
    "x --base-port -1",
    "x --seed -1",
    "x --quirks=none",
    "x --unknown",
    "x extra",
    "x --relays",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (GStrv) words = g_strsplit (cases[i], " ", -1);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", cases[i]);
    g_assert_null (clove_localnet_arguments_parse (words, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == G_OPTION_ERROR);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/clove/localnet/control/lines", Fixture, NULL, set_up, test_lines, tear_down);
  g_test_add ("/clove/localnet/control/mode-and-removal", Fixture, NULL, set_up,
              test_mode_and_removal, tear_down);
  g_test_add ("/clove/localnet/control/occupied-path", Fixture, NULL, set_up, test_occupied_path,
              tear_down);
  g_test_add ("/clove/localnet/control/stale-socket", Fixture, NULL, set_up, test_stale_socket,
              tear_down);
  g_test_add ("/clove/localnet/control/second-path", Fixture, NULL, set_up, test_second_path,
              tear_down);
  g_test_add ("/clove/localnet/control/too-many", Fixture, NULL, set_up, test_too_many, tear_down);
  g_test_add_func ("/clove/localnet/control/arguments-good", test_arguments_good);
  g_test_add_func ("/clove/localnet/control/arguments-bad", test_arguments_bad);
  return g_test_run ();
}
