/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fault board against a control socket of our own that takes down every line. */
#include "config.h"

#include "clove-fault-board.h"
#include "clove-fault-client.h"
#include "clove-fault-row.h"
#include "made-snapshots.h"
#include "picture.h"
#include "stage.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#define LIST                                                                                     \
  "relay1 127.0.0.1:9001 entry,middle alive received=5 sent=4 circuits=1 streams=0 requests=0\n" \
  "relay2 127.0.0.1:9003 entry,middle alive delay=800 received=5 sent=4\n"                       \
  "relay3 127.0.0.1:9005 entry,middle,exit dead drop=30 received=5\n"                            \
  "relay4 127.0.0.1:9007 entry,middle frozen received=5\n"                                       \
  "relay5 127.0.0.1:9009 entry,middle alive received=5\n"                                        \
  "relay6 127.0.0.1:9011 entry,middle,exit alive lie received=5\n"                               \
  "ok\n"

typedef struct {
  char *folder;
  char *control;
  GSocketService *service;
  GPtrArray *lines;   /* what was asked for */
  const char *answer; /* to all but "list" */
  const char *list;
  CloveFaultBoard *board;
  GtkWidget *window;
} Fixture;

typedef struct {
  Fixture *fixture;
  GSocketConnection *connection;
  GDataInputStream *input;
} Client;

static void
client_free (Client *client)
{
  g_object_unref (client->input);
  g_object_unref (client->connection);
  g_free (client);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Client *client = user_data;
  Fixture *fixture = client->fixture;
  char *line = g_data_input_stream_read_line_finish (client->input, result, NULL, NULL);

  if (line != NULL) {
    const char *answer = g_str_equal (line, "list") ? fixture->list : fixture->answer;

    g_ptr_array_add (fixture->lines, line);
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (client->connection)),
                               answer, strlen (answer), NULL, NULL, NULL);
  }
  client_free (client);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  Client *client = g_new0 (Client, 1);

  client->fixture = user_data;
  client->connection = g_object_ref (connection);
  client->input =
    g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  g_data_input_stream_read_line_async (client->input, G_PRIORITY_DEFAULT, NULL, on_line, client);
  return TRUE;
}

static void
set_up_server (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  fixture->folder = g_dir_make_tmp ("clove-faults-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->control = g_build_filename (fixture->folder, "control", NULL);
  fixture->lines = g_ptr_array_new_with_free_func (g_free);
  fixture->answer = "ok\n";
  fixture->list = LIST;
  fixture->service = g_socket_service_new ();
  address = g_unix_socket_address_new (fixture->control);
  g_socket_listener_add_address (G_SOCKET_LISTENER (fixture->service), address,
                                 G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL,
                                 &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->service, "incoming", G_CALLBACK (on_incoming), fixture);
}

static void
wait_for_lines (Fixture *fixture, guint n_lines)
{
  while (fixture->lines->len < n_lines)
    g_main_context_iteration (NULL, TRUE);
  picture_settle (fixture->window);
}

static void
wait_for_label (Fixture *fixture, const char *text)
{
  while (stage_find_label (fixture->window, text) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  set_up_server (fixture);
  fixture->board = g_object_new (CLOVE_TYPE_FAULT_BOARD, NULL);
  clove_fault_board_show (fixture->board, snapshot, MADE_NOW_US);
  clove_fault_board_set_control (fixture->board, fixture->control);
  fixture->window = stage_window_new (GTK_WIDGET (fixture->board));
  wait_for_label (fixture, "relay6");
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  stage_close (fixture->window);
  g_signal_handlers_disconnect_by_data (fixture->service, fixture);
  g_socket_service_stop (fixture->service);
  g_socket_listener_close (G_SOCKET_LISTENER (fixture->service));
  g_object_unref (fixture->service);
  g_unlink (fixture->control);
  g_rmdir (fixture->folder);
  g_ptr_array_unref (fixture->lines);
  g_free (fixture->control);
  g_free (fixture->folder);
}

static const char *
get_line (Fixture *fixture, guint i)
{
  return g_ptr_array_index (fixture->lines, i);
}

/* Nobody is asked before the page is in view, and once is enough then. */
static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_cmpuint (fixture->lines->len, ==, 1);
  g_assert_cmpstr (get_line (fixture, 0), ==, "list");
}

static GtkWidget *
get_row (Fixture *fixture, guint n)
{
  GtkWidget *row =
    gtk_widget_get_first_child (stage_find (GTK_WIDGET (fixture->board), "list"));

  for (guint i = 0; i < n && row != NULL; i++)
    row = gtk_widget_get_next_sibling (row);
  return row;
}

static void
test_rows (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *label;
    const char *place;
    const char *fault;
  } rows[] = {
    { "\u2068relay1\u2069, Standby: Works", "Standby", "Works" },
    { "\u2068relay2\u2069, Middle: Everything 800 ms late", "Middle", "Everything 800 ms late" },
    { "\u2068relay3\u2069, Exit: Dead · Loses 30% of what passes", "Exit",
      "Dead · Loses 30% of what passes" },
    { "\u2068relay4\u2069, Standby: Frozen: hears and says nothing", "Standby",
      "Frozen: hears and says nothing" },
    { "\u2068relay5\u2069, Entry: Works", "Entry", "Works" },
    { "\u2068relay6\u2069, Standby: Lies that no site exists", "Standby",
      "Lies that no site exists" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GtkWidget *row = get_row (fixture, i);

    gtk_test_accessible_assert_property (row, GTK_ACCESSIBLE_PROPERTY_LABEL, rows[i].label);
    g_assert_nonnull (stage_find_label (row, rows[i].place));
    g_assert_nonnull (stage_find_label (row, rows[i].fault));
  }
  g_assert_null (get_row (fixture, G_N_ELEMENTS (rows)));
}

static GtkWidget *
find_button (GtkWidget *root, const char *text)
{
  GtkWidget *label = stage_find_label (root, text);

  g_assert_nonnull (label);
  return gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON);
}

static void
test_buttons (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *text;
    const char *line;
  } buttons[] = {
    { "Kill", "kill relay2" },
    { "Freeze", "freeze relay2" },
    { "Restart", "restart relay2" },
    { "Slow", "delay relay2 800" },
    { "Lossy", "drop relay2 30" },
    { "Lie", "lie relay2" },
    { "Heal", "heal relay2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++) {
    GtkWidget *button = find_button (get_row (fixture, 1), buttons[i].text);
    g_autofree char *label = g_strconcat (buttons[i].text, " \u2068relay2\u2069", NULL);

    gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, label);
    g_signal_emit_by_name (button, "clicked");
    /* The command, and then the list. */
    wait_for_lines (fixture, 1 + 2 * (i + 1));
    g_assert_cmpstr (get_line (fixture, 1 + 2 * i), ==, buttons[i].line);
    g_assert_cmpstr (get_line (fixture, 2 + 2 * i), ==, "list");
  }
}

static void
test_break (Fixture *fixture, gconstpointer user_data)
{
  static const char *const texts[] = { "Break the entry", "Break the middle", "Break the exit" };
  static const char *const lines[] = { "kill relay5", "kill relay2", "kill relay3" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_signal_emit_by_name (find_button (fixture->window, texts[i]), "clicked");
    wait_for_lines (fixture, 1 + 2 * (i + 1));
    g_assert_cmpstr (get_line (fixture, 1 + 2 * i), ==, lines[i]);
  }
  wait_for_label (fixture, "\u2068relay3\u2069 is dead. Open a page: Clove notices within a second "
                           "and takes the standby circuit.");
}

/* Without a circuit there is nothing of it to break; the places follow the snapshot. */
static void
test_snapshot (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) off = made_snapshot ("off");

  clove_fault_board_show (fixture->board, off, MADE_NOW_US);
  g_assert_false (gtk_widget_get_sensitive (find_button (fixture->window, "Break the exit")));
  gtk_test_accessible_assert_property (get_row (fixture, 4), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "\u2068relay5\u2069: Works");
  g_assert_nonnull (stage_find_label (fixture->window, "The proxy is off"));
}

static void
test_heal_all (Fixture *fixture, gconstpointer user_data)
{
  g_signal_emit_by_name (find_button (fixture->window, "Heal Everything"), "clicked");
  wait_for_lines (fixture, 3);
  g_assert_cmpstr (get_line (fixture, 1), ==, "heal all");
  wait_for_label (fixture, "All relays work again. Clove tests those that it does not trust, and "
                           "uses them again once they work.");
}

/* What the network objects to is said, and nothing is claimed to have happened. */
static void
test_error (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *effect = stage_find (GTK_WIDGET (fixture->board), "effect");
  g_autofree char *before = g_strdup (gtk_label_get_text (GTK_LABEL (effect)));

  fixture->answer = "error: the port is <taken>\n";
  g_signal_emit_by_name (find_button (get_row (fixture, 0), "Kill"), "clicked");
  wait_for_label (fixture, "The demo network objects: the port is <taken>");
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (effect)), ==, before);
}

static void
test_gone (Fixture *fixture, gconstpointer user_data)
{
  fixture->answer = "";
  fixture->list = "";
  g_signal_emit_by_name (find_button (get_row (fixture, 0), "Kill"), "clicked");
  wait_for_label (fixture, "The demo network does not answer: the demo network gave no answer");
  wait_for_label (fixture, "The demo network does not answer.");
  g_assert_null (get_row (fixture, 0));
}

/* Another demo has other relays; what the first one still says is not listened to. */
static void
test_other_demo (Fixture *fixture, gconstpointer user_data)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->board), "faults.send", "s", "kill relay1");
  clove_fault_board_set_control (fixture->board, NULL);
  g_assert_null (get_row (fixture, 0));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  fixture->list = "relayX 127.0.0.1:1 entry,middle alive\nok\n";
  clove_fault_board_set_control (fixture->board, fixture->control);
  wait_for_label (fixture, "relayX");
  g_assert_null (get_row (fixture, 1));
}

/* A board that goes while something is under way leaves nothing behind. */
static void
test_destroy_busy (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveFaultBoard) board = g_object_new (CLOVE_TYPE_FAULT_BOARD, NULL);

  g_object_ref_sink (board);
  clove_fault_board_set_control (board, fixture->control);
  gtk_widget_activate_action (GTK_WIDGET (board), "faults.send", "s", "kill relay1");
  g_object_run_dispose (G_OBJECT (board));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_finalize_object (g_steal_pointer (&board));
}

static void
test_list (void)
{
  g_autoptr (GPtrArray) none = clove_fault_list_parse ("");
  g_autoptr (GPtrArray) odd =
    clove_fault_list_parse ("one two three\n\na b c d delay=x drop=99999999999 corrupt=5\n");
  const CloveFaultRelay *relay = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (odd->len, ==, 1);
  relay = g_ptr_array_index (odd, 0);
  g_assert_cmpstr (relay->name, ==, "a");
  g_assert_cmpuint (relay->delay_ms, ==, 0);
  g_assert_cmpuint (relay->drop_percent, ==, 0);
  g_assert_true (relay->has_others);
  g_assert_false (clove_fault_relay_is_sound (relay));
}

/* Every button has its own words, and they fit the place of the relay. */
static void
test_effects (void)
{
  static const char *const verbs[] = { "kill", "freeze", "restart", "delay", "drop", "lie",
                                       "heal" };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
    g_autofree char *command = g_strconcat (verbs[i], " relay2", NULL);
    char *in_use = clove_describe_fault_effect (command, CLOVE_FAULT_PLACE_EXIT);
    g_autofree char *unused = clove_describe_fault_effect (command, CLOVE_FAULT_PLACE_NONE);

    g_assert_true (g_str_has_prefix (in_use, "\u2068relay2\u2069 "));
    g_assert_cmpint (g_str_equal (in_use, unused), ==, g_str_equal (verbs[i], "heal"));
    g_assert_true (g_hash_table_add (seen, in_use));
  }
}

static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("rebuilding");

  picture_take_looks (fixture->window, "faults-page-begin");
  gtk_widget_activate_action (GTK_WIDGET (fixture->board), "faults.break", "u", 2);
  wait_for_lines (fixture, 3);
  clove_fault_board_show (fixture->board, snapshot, MADE_NOW_US);
  picture_take_looks (fixture->window, "faults-page-broken");
}

int
main (int argc, char *argv[])
{
  stage_begin (&argc, &argv);
  g_test_add_func ("/clove/ui/fault-list/parse", test_list);
  g_test_add_func ("/clove/ui/describe-faults/effects", test_effects);
#define ADD(name, function) \
  g_test_add ("/clove/ui/faults/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("rows", test_rows);
  ADD ("buttons", test_buttons);
  ADD ("break", test_break);
  ADD ("snapshot", test_snapshot);
  ADD ("heal-all", test_heal_all);
  ADD ("error", test_error);
  ADD ("gone", test_gone);
  ADD ("other-demo", test_other_demo);
  ADD ("destroy-busy", test_destroy_busy);
  ADD ("pictures", test_pictures);
  return stage_run ();
}
