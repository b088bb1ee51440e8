/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overview: what it shows of each state, in words for eyes and for screen readers. */
#include "config.h"

#include "clove-application.h"
#include "clove-circuit-row.h"
#include "clove-hop-card.h"
#include "clove-manual-relays.h"
#include "clove-notice.h"
#include "clove-overview-page.h"
#include "clove-port.h"
#include "clove-setup-window.h"
#include "clove-short-list.h"
#include "clove-strikes-view.h"
#include "made-snapshots.h"
#include "picture.h"

#include <string.h>

/* Brings the style sheet and the icons; one for the whole program. */
static CloveApplication *application;

static void
register_application (void)
{
  g_autoptr (GError) error = NULL;

  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11",
                "gtk-enable-animations", FALSE, NULL);
}

typedef struct {
  CloveOverviewPage *page;
  GtkWidget *window;
} Fixture;

static const CloveSituation on_ton = { .is_on = TRUE, .listen = "127.0.0.1:8080" };

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->page = g_object_new (CLOVE_TYPE_OVERVIEW_PAGE, NULL);
  fixture->window = picture_window_new (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
show_at (Fixture *fixture, CloveSnapshot *snapshot, gint64 now_us)
{
  clove_overview_page_show (fixture->page, snapshot, now_us);
  gtk_test_widget_wait_for_draw (fixture->window);
}

static void
show (Fixture *fixture, CloveSnapshot *snapshot, const CloveSituation *situation)
{
  clove_overview_page_set_situation (fixture->page, situation);
  show_at (fixture, snapshot, MADE_NOW_US);
}

typedef gboolean (*Matches) (GtkWidget *widget, gconstpointer wanted);

/* Counts what is drawn, not what merely exists; the first is also given. */
static guint
count (GtkWidget *widget, Matches matches, gconstpointer wanted, GtkWidget **first_out)
{
  guint n = 0;

  if (!gtk_widget_get_mapped (widget))
    return 0;
  if (matches (widget, wanted)) {
    n++;
    if (first_out != NULL && *first_out == NULL)
      *first_out = widget;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count (child, matches, wanted, first_out);
  return n;
}

static gboolean
has_text (GtkWidget *widget, gconstpointer wanted)
{
  return GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), wanted);
}

static gboolean
contains_text (GtkWidget *widget, gconstpointer wanted)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), wanted) != NULL;
}

static gboolean
has_action (GtkWidget *widget, gconstpointer wanted)
{
  return GTK_IS_ACTIONABLE (widget) &&
         g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), wanted) == 0;
}

static gboolean
has_type (GtkWidget *widget, gconstpointer wanted)
{
  return G_TYPE_CHECK_INSTANCE_TYPE (widget, *(const GType *) wanted);
}

static GtkWidget *
find (Fixture *fixture, Matches matches, gconstpointer wanted)
{
  GtkWidget *found = NULL;

  g_assert_cmpuint (count (fixture->window, matches, wanted, &found), >=, 1);
  return found;
}

static guint
count_in (Fixture *fixture, Matches matches, gconstpointer wanted)
{
  return count (fixture->window, matches, wanted, NULL);
}

static void
show_made (Fixture *fixture, const char *name)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot (name);

  show (fixture, snapshot, &on_ton);
}

static void
resize (Fixture *fixture, gint width, gint height)
{
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), width, height);
  picture_settle (fixture->window);
}

static void
test_new_destroy (void)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("rebuilding");
  CloveOverviewPage *page = g_object_ref_sink (g_object_new (CLOVE_TYPE_OVERVIEW_PAGE, NULL));

  clove_overview_page_set_situation (page, &on_ton);
  clove_overview_page_show (page, snapshot, MADE_NOW_US);
  g_assert_finalize_object (page);
}

static char *
row_to_text (const CloveCircuitRow *row)
{
  static const char *const kinds[] = { "live", "candidate", "standby" };
  char looks[CLOVE_SNAPSHOT_MAX_HOPS + 1] = { 0 };

  for (guint i = 0; i < CLOVE_SNAPSHOT_MAX_HOPS; i++)
    looks[i] = row->circuit == NULL ? '-' : ".>+x?"[row->looks[i]];
  return g_strdup_printf ("%s %s%s%s", kinds[row->kind], looks, row->is_active ? " active" : "",
                          row->is_full ? " full" : "");
}

/* Which circuits are shown, from above to below, and how each of their relays does. */
static void
test_rows (void)
{
  static const struct {
    const char *snapshot;
    const char *rows[CLOVE_CIRCUIT_MAX_ROWS];
  } cases[] = {
    { "loading", { "candidate --- full" } },
    { "waiting", { "candidate --- full" } },
    { "building", { "candidate +>. full" } },
    { "connected", { "live +++ active full", "standby +++" } },
    { "strikes", { "live ???", "standby +++ active full" } },
    { "rebuilding", { "live ??x active", "candidate +>. full", "standby +++" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshot (cases[i].snapshot);
    CloveCircuitRow rows[CLOVE_CIRCUIT_MAX_ROWS] = { 0 };
    guint n_rows = clove_circuit_rows_fill (snapshot, rows);

    for (guint j = 0; j < CLOVE_CIRCUIT_MAX_ROWS; j++) {
      g_autofree char *text = j < n_rows ? row_to_text (&rows[j]) : NULL;

      g_assert_cmpstr (text, ==, cases[i].rows[j]);
    }
  }
}

static void
test_status (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("rebuilding");

  show_made (fixture, "connected");
  g_assert_nonnull (find (fixture, has_text, "Connected through 3 relays"));
  g_assert_nonnull (find (fixture, has_text, "127.0.0.1:8080"));
  g_assert_nonnull (find (fixture, has_action, "win.copy-address"));
  g_assert_nonnull (find (fixture, has_text, "Rebuild now"));
  show (fixture, snapshot, &on_ton);
  g_assert_nonnull (find (fixture, has_text, "Rebuild in 8 s"));
  g_assert_cmpuint (count_in (fixture, has_text, "Connected through 3 relays"), ==, 0);
  show_at (fixture, snapshot, MADE_NOW_US + 3 * G_TIME_SPAN_SECOND);
  g_assert_nonnull (find (fixture, has_text, "Rebuild in 5 s"));
}

static void
test_demo (Fixture *fixture, gconstpointer user_data)
{
  static const CloveSituation on_demo = { .is_on = TRUE, .is_demo = TRUE };
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  show (fixture, snapshot, &on_demo);
  g_assert_cmpuint (count_in (fixture, has_action, "app.open-demo"), ==, 1);
  g_assert_cmpuint (count_in (fixture, has_action, "overview.set-up-browser"), ==, 0);
  show (fixture, snapshot, &on_ton);
  g_assert_cmpuint (count_in (fixture, has_action, "app.open-demo"), ==, 0);
  g_assert_cmpuint (count_in (fixture, has_action, "overview.set-up-browser"), ==, 1);
}

/* Wide or narrow, the button is there once, and wholly within the window. */
static void
test_rebuild_in_reach (Fixture *fixture, gconstpointer user_data)
{
  static const gint sizes[][2] = { { 360, 480 }, { 640, 480 }, { 920, 480 }, { 1200, 480 } };

  show_made (fixture, "rebuilding");
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GtkWidget *button = NULL;
    graphene_rect_t bounds = { 0 };

    resize (fixture, sizes[i][0], sizes[i][1]);
    g_assert_cmpuint (count_in (fixture, has_action, "app.rebuild-now"), ==, 1);
    button = find (fixture, has_action, "app.rebuild-now");
    g_assert_true (gtk_widget_compute_bounds (button, fixture->window, &bounds));
    g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=, sizes[i][1]);
    g_assert_cmpfloat (bounds.origin.x + bounds.size.width, <=, sizes[i][0]);
  }
}

static void
collect (GtkWidget *widget, GType type, GPtrArray *found)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    g_ptr_array_add (found, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, type, found);
}

static GPtrArray *
collect_hops (Fixture *fixture)
{
  GPtrArray *hops = g_ptr_array_new ();

  collect (fixture->window, CLOVE_TYPE_HOP_CARD, hops);
  return hops;
}

/* Names of any length leave the columns where they are. */
static void
test_equal_widths (Fixture *fixture, gconstpointer user_data)
{
  static const gint widths[] = { 360, 500, 700, 920 };
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("rebuilding");

  g_free (snapshot->candidate.hops[1].name);
  snapshot->candidate.hops[1].name = g_strdup ("a-relay-with-a-name-that-nobody-can-remember");
  show (fixture, snapshot, &on_ton);
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++) {
    g_autoptr (GPtrArray) hops = NULL;

    resize (fixture, widths[i], 700);
    hops = collect_hops (fixture);
    g_assert_cmpint (gtk_widget_get_width (fixture->window), <=, widths[i]);
    g_assert_cmpuint (hops->len, ==, 9);
    for (guint j = 0; j < hops->len; j++)
      g_assert_cmpint (gtk_widget_get_width (hops->pdata[j]), ==,
                       gtk_widget_get_width (hops->pdata[j / 3 * 3]));
  }
}

static void
test_hops_are_named (Fixture *fixture, gconstpointer user_data)
{
  static const char *const sentences[] = {
    "Entry: \u2068relay5\u2069 at \u2068192.0.2.5:9001\u2069, in doubt.",
    "Middle: \u2068relay2\u2069 at \u2068192.0.2.2:9001\u2069, in doubt.",
    "Exit: \u2068relay3\u2069 at \u2068192.0.2.3:9001\u2069, failed.",
    "Entry: \u2068relay5\u2069 at \u2068192.0.2.5:9001\u2069, ready, the round trip takes 14 ms.",
    "Middle: \u2068relay1\u2069 at \u2068192.0.2.1:9001\u2069, being connected.",
    "Exit: \u2068relay6\u2069 at \u2068192.0.2.6:9001\u2069, waiting.",
  };
  g_autoptr (GPtrArray) hops = NULL;

  show_made (fixture, "rebuilding");
  hops = collect_hops (fixture);
  g_assert_cmpuint (hops->len, ==, 9);
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++) {
    gtk_test_accessible_assert_role (hops->pdata[i], GTK_ACCESSIBLE_ROLE_LIST_ITEM);
    gtk_test_accessible_assert_property (hops->pdata[i], GTK_ACCESSIBLE_PROPERTY_LABEL,
                                         sentences[i]);
    gtk_test_accessible_assert_role (gtk_widget_get_parent (hops->pdata[i]),
                                     GTK_ACCESSIBLE_ROLE_LIST);
    g_assert_true (gtk_widget_get_focusable (hops->pdata[i]));
  }
  gtk_test_accessible_assert_property (
    GTK_ACCESSIBLE (gtk_widget_get_parent (hops->pdata[0])), GTK_ACCESSIBLE_PROPERTY_LABEL,
    "In use, to be replaced");
}

static gboolean
has_icon (GtkWidget *widget, gconstpointer wanted)
{
  return GTK_IS_IMAGE (widget) &&
         g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (widget)), wanted) == 0;
}

/* Full and empty differ in shape, and the words are there for those who see neither. */
static void
test_strikes (Fixture *fixture, gconstpointer user_data)
{
  const GType type = CLOVE_TYPE_STRIKES_VIEW;
  GtkWidget *strikes = NULL;

  show_made (fixture, "strikes");
  strikes = find (fixture, has_type, &type);
  g_assert_cmpuint (count (strikes, has_icon, "clove-strike-full-symbolic", NULL), ==, 2);
  g_assert_cmpuint (count (strikes, has_icon, "clove-strike-empty-symbolic", NULL), ==, 1);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (strikes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "2 of 3 failures in a row: a probe was lost");
  show_made (fixture, "connected");
  g_assert_cmpuint (count (strikes, has_icon, "clove-strike-empty-symbolic", NULL), ==, 3);
}

static void
add_ban (CloveSnapshot *snapshot, guint number)
{
  CloveSnapshotBan *ban = g_new0 (CloveSnapshotBan, 1);

  ban->address = g_strdup_printf ("198.51.100.%u:9001", number);
  ban->left_us = 90 * G_TIME_SPAN_SECOND;
  ban->reason = g_strdup ("did not <answer> & left");
  g_ptr_array_add (snapshot->bans, ban);
}

static void
test_bans (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("connected");

  show (fixture, snapshot, &on_ton);
  g_assert_nonnull (find (fixture, has_text, "No relay is left out"));
  for (guint i = 1; i <= 6; i++)
    add_ban (snapshot, i);
  show_at (fixture, snapshot, MADE_NOW_US);
  g_assert_cmpuint (count_in (fixture, has_text, "1:30"), ==, 4);
  g_assert_cmpuint (count_in (fixture, has_text, "did not <answer> & left"), ==, 4);
  g_assert_nonnull (find (fixture, has_text, "198.51.100.6:9001"));
  g_assert_nonnull (find (fixture, has_text, "and 2 more"));
  g_assert_cmpuint (count_in (fixture, has_text, "No relay is left out"), ==, 0);
  show_at (fixture, snapshot, MADE_NOW_US + 31 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_in (fixture, has_text, "0:59"), ==, 4);
}

static void
test_causes (Fixture *fixture, gconstpointer user_data)
{
  show_made (fixture, "strikes");
  g_assert_nonnull (find (fixture, has_text, "Failure 2 of 3 in a row"));
  g_assert_cmpuint (count_in (fixture, has_text, "Connected"), ==, 0);
  g_assert_cmpuint (count_in (fixture, has_action, "win.show-page"), ==, 2);
}

static guint
count_buttons (Fixture *fixture)
{
  const GType type = GTK_TYPE_BUTTON;

  return count_in (fixture, has_type, &type);
}

static guint
count_strings (const char *const *strings)
{
  guint n = 0;

  while (strings[n] != NULL)
    n++;
  return n;
}

/* Every way to have no circuit says what to do. */
static void
test_notices (Fixture *fixture, gconstpointer user_data)
{
  static const struct {
    const char *snapshot;
    CloveSituation situation;
    const char *trouble;
    const char *title;
    const char *actions[3];
  } cases[] = {
    { .snapshot = "off",
      .situation = { .is_first_run = TRUE },
      .title = "Welcome to Clove",
      .actions = { "app.use-network", "app.use-network" } },
    { .snapshot = "off", .title = "The proxy is off", .actions = { "app.toggle" } },
    { .snapshot = "off",
      .situation = { .is_on = TRUE, .is_demo = TRUE },
      .title = "Starting the demo" },
    { .snapshot = "off",
      .situation = { .is_demo = TRUE },
      .trouble = "the demo network has <ended> & left",
      .title = "Clove switched itself off",
      .actions = { "app.use-network", "app.use-network" } },
    { .snapshot = "off",
      .trouble = "no memory",
      .title = "Clove switched itself off",
      .actions = { "app.toggle", "app.use-network" } },
    { .snapshot = "no-directory",
      .situation = { .is_on = TRUE },
      .title = "The list of relays cannot be had",
      .actions = { "app.reload-directory", "app.use-network" } },
    { .snapshot = "offline",
      .situation = { .is_on = TRUE },
      .title = "Offline, waiting for the network",
      .actions = { "app.use-network" } },
    { .snapshot = "port-taken",
      .situation = { .is_on = TRUE },
      .title = "The port is taken by another program",
      .actions = { "app.use-network" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshot (cases[i].snapshot);
    g_autofree char *name = g_strdup_printf ("overview-page-notice-%u", i);

    clove_overview_page_set_trouble (fixture->page, cases[i].trouble);
    show (fixture, snapshot, &cases[i].situation);
    g_assert_nonnull (find (fixture, has_text, cases[i].title));
    g_assert_cmpuint (count_in (fixture, has_action, "app.rebuild-now"), ==, 0);
    g_assert_cmpuint (count_buttons (fixture), ==, count_strings (cases[i].actions));
    for (guint j = 0; cases[i].actions[j] != NULL; j++)
      g_assert_nonnull (find (fixture, has_action, cases[i].actions[j]));
    if (cases[i].trouble != NULL)
      g_assert_nonnull (find (fixture, contains_text, cases[i].trouble));
    picture_take (fixture->window, name);
  }
  show_made (fixture, "connected");
  g_assert_cmpuint (count_in (fixture, has_action, "app.use-network"), ==, 0);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  static const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n// Clove";
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_assert_true (g_output_stream_write_all (output, answer, sizeof answer - 1, NULL, NULL, NULL));
  return FALSE;
}

static GSocketService *
listen_somewhere (guint16 *port_out)
{
  GSocketService *service = g_socket_service_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) got = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &got, &error);
  g_assert_no_error (error);
  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), NULL);
  *port_out = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  return service;
}

/* Another Clove is found out by its answer; the next free port is offered meanwhile. */
static void
test_port_taken (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("port-taken");
  guint16 port = 0;
  g_autoptr (GSocketService) service = listen_somewhere (&port);
  g_autofree char *listen = g_strdup_printf ("127.0.0.1:%u", port);
  g_autofree char *title = g_strdup_printf ("Port %u is taken", port);
  CloveSituation situation = { .is_on = TRUE, .listen = listen };

  show (fixture, snapshot, &situation);
  g_assert_nonnull (find (fixture, has_text, title));
  g_assert_nonnull (find (fixture, contains_text, "Use port "));
  g_assert_nonnull (find (fixture, has_action, "app.use-next-port"));
  while (count (fixture->window, contains_text, "Clove already runs at", NULL) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_socket_service_stop (service);
}

static void
on_stopped (CloveHost *host, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* The setting moves to the next free port, and the proxy begins there. */
static void
test_use_next_port (void)
{
  CloveSettings *settings = clove_application_get_settings (application);
  CloveHost *host = clove_application_get_host (application);
  GSettings *gsettings = clove_settings_get_gsettings (settings);
  guint16 port = 0;
  g_autoptr (GSocketService) service = listen_somewhere (&port);
  g_autofree char *taken = g_strdup_printf ("127.0.0.1:%u", port);
  g_autofree char *listen = NULL;
  CloveAddress address = { 0 };
  gboolean is_stopped = FALSE;

  g_settings_set_string (gsettings, CLOVE_SETTING_DIRECTORY, "/nowhere/relays.json");
  g_assert_true (clove_settings_set_listen (settings, taken));
  g_action_group_activate_action (G_ACTION_GROUP (application), "use-next-port", NULL);
  listen = clove_settings_get_listen (settings);
  g_assert_true (clove_manual_listen_parse (&address, listen, NULL));
  g_assert_cmpuint (clove_address_get_port (&address), >, port);
  g_assert_true (clove_host_is_on (host));
  while (g_strcmp0 (clove_host_get_snapshot (host)->listen_address, listen) != 0)
    g_main_context_iteration (NULL, TRUE);

  g_signal_connect (host, "stopped", G_CALLBACK (on_stopped), &is_stopped);
  clove_host_stop (host);
  while (!is_stopped)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (host, &is_stopped);
  g_settings_reset (gsettings, CLOVE_SETTING_DIRECTORY);
  g_settings_reset (gsettings, CLOVE_SETTING_LISTEN);
}

/* What is copied is what is shown. */
static void
test_setup_window (Fixture *fixture, gconstpointer user_data)
{
  static const char *const texts[] = {
    "http://127.0.0.1:8080/proxy.pac",
    "chromium --proxy-pac-url=http://127.0.0.1:8080/proxy.pac",
    "curl --proxy http://127.0.0.1:8080 http://foundation.ton/",
    "export http_proxy=http://127.0.0.1:8080/",
  };
  GtkWidget *window =
    GTK_WIDGET (clove_setup_window_new (GTK_WINDOW (fixture->window), "127.0.0.1:8080"));
  GdkClipboard *clipboard = gtk_widget_get_clipboard (window);

  gtk_window_present (GTK_WINDOW (window));
  picture_settle (window);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (count (window, has_text, texts[i], NULL), ==, 1);
    g_assert_true (gtk_widget_activate_action (window, "setup.copy", "s", texts[i]));
    g_value_init (&value, G_TYPE_STRING);
    g_assert_true (
      gdk_content_provider_get_value (gdk_clipboard_get_content (clipboard), &value, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (g_value_get_string (&value), ==, texts[i]);
  }
  g_assert_cmpuint (count (window, has_action, "setup.copy", NULL), ==, G_N_ELEMENTS (texts));
  picture_settle (window);
  picture_take (window, "overview-page-set-up");
  gtk_window_destroy (GTK_WINDOW (window));
}

/* For people to look at. */
static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  static const char *const names[] = { "connected", "strikes", "rebuilding" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *file = g_strdup_printf ("overview-page-%s", names[i]);

    show_made (fixture, names[i]);
    picture_take_looks (fixture->window, file);
  }
}

/* Letters of twice the size, on a small screen. */
static void
test_large_letters (Fixture *fixture, gconstpointer user_data)
{
  static const char *const names[] = { "strikes", "rebuilding" };

  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshot (names[i]);
    g_autofree char *file = g_strdup_printf ("overview-page-%s-large", names[i]);
    g_autofree char *wide_file = g_strdup_printf ("overview-page-%s-large-wide", names[i]);

    show (fixture, snapshot, &on_ton);
    gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 720);
    picture_settle (fixture->window);
    picture_take (fixture->window, file);
    gtk_window_set_default_size (GTK_WINDOW (fixture->window), 920, 720);
    picture_settle (fixture->window);
    picture_take (fixture->window, wide_file);
  }
  gtk_settings_reset_property (gtk_settings_get_default (), "gtk-xft-dpi");
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  register_application ();
#define ADD(name, function) \
  g_test_add ("/clove/ui/overview/" name, Fixture, NULL, set_up, function, tear_down)
  g_test_add_func ("/clove/ui/overview/new-destroy", test_new_destroy);
  g_test_add_func ("/clove/ui/overview/rows", test_rows);
  g_test_add_func ("/clove/ui/overview/use-next-port", test_use_next_port);
  ADD ("status", test_status);
  ADD ("demo", test_demo);
  ADD ("rebuild-in-reach", test_rebuild_in_reach);
  ADD ("equal-widths", test_equal_widths);
  ADD ("hops-are-named", test_hops_are_named);
  ADD ("strikes", test_strikes);
  ADD ("bans", test_bans);
  ADD ("causes", test_causes);
  ADD ("notices", test_notices);
  ADD ("port-taken", test_port_taken);
  ADD ("setup-window", test_setup_window);
  ADD ("pictures", test_pictures);
  ADD ("large-letters", test_large_letters);
  return g_test_run ();
}
