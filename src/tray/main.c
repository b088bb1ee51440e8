/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clove-tray: the icon of the running clove. It ends with it. */
#include "config.h"

#include "clove-tray-item.h"
#include "clove-tray-model.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <unistd.h>

typedef struct {
  GMainLoop *loop;
  CloveTrayModel *model;
  CloveTrayMenu *menu;
  CloveTrayItem *item;
  gboolean is_recoloured;
  gboolean is_counting; /* the menu was opened while a rebuild was forbidden */
  guint tick;           /* 0 but then */
  int status;
} Tray;

static void count_down (Tray *tray);

static gboolean
on_tick (gpointer user_data)
{
  Tray *tray = user_data;

  tray->tick = 0;
  count_down (tray);
  return G_SOURCE_REMOVE;
}

static guint
get_left_s (Tray *tray)
{
  return clove_tray_words_left_s (clove_tray_model_get_state (tray->model), g_get_real_time ());
}

/* A menu that nobody looks at shows no seconds: nothing wakes up for it. */
static void
count_down (Tray *tray)
{
  guint left_s = tray->is_counting ? get_left_s (tray) : 0;

  clove_tray_menu_show_left (tray->menu, left_s);
  tray->is_counting = left_s > 0;
  if (!tray->is_counting)
    g_clear_handle_id (&tray->tick, g_source_remove);
  else if (tray->tick == 0)
    tray->tick = g_timeout_add_seconds (1, on_tick, tray);
}

static void
on_changed (CloveTrayModel *model, gpointer user_data)
{
  Tray *tray = user_data;
  const CloveTrayState *state = clove_tray_model_get_state (model);
  g_autofree char *icon = clove_tray_words_icon (state->look, tray->is_recoloured);

  clove_tray_menu_show_state (tray->menu, state);
  count_down (tray);
  clove_tray_item_show (tray->item, icon, state->title);
}

static void
on_gone (CloveTrayModel *model, gpointer user_data)
{
  g_main_loop_quit (((Tray *) user_data)->loop);
}

static void
on_chosen (CloveTrayMenu *menu, const char *action, gpointer user_data)
{
  clove_tray_model_activate (((Tray *) user_data)->model, action);
}

static void
on_stuck (CloveTrayItem *item, gpointer user_data)
{
  Tray *tray = user_data;

  tray->status = 1;
  g_main_loop_quit (tray->loop);
}

/* Some panels never say that a menu was closed; the seconds end by themselves. */
static void
on_opened (CloveTrayItem *item, gpointer user_data)
{
  ((Tray *) user_data)->is_counting = TRUE;
  count_down (user_data);
}

static void
on_closed (CloveTrayItem *item, gpointer user_data)
{
  ((Tray *) user_data)->is_counting = FALSE;
  count_down (user_data);
}

/* The program holds the other end, and writes nothing: whatever ends it closes that. */
static gboolean
on_input (gint fd, GIOCondition condition, gpointer user_data)
{
  char bytes[64];

  if (condition & G_IO_IN && read (fd, bytes, sizeof bytes) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* Returns: (transfer full) (nullable): where the icons are when run from the build folder */
static char *
find_icons (void)
{
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *marker = NULL;

  if (self_path == NULL)
    return NULL;
  if (g_str_has_prefix (self_path, CLOVE_BUILD_ROOT "/"))
    return g_strdup (CLOVE_SOURCE_ICONS);
  marker = g_build_filename (CLOVE_ICONS, "hicolor", NULL);
  return g_file_test (marker, G_FILE_TEST_IS_DIR) ? g_strdup (CLOVE_ICONS) : NULL;
}

static void
run (Tray *tray)
{
  g_autofree char *icons = find_icons ();
  guint input = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, tray->loop);

  tray->is_recoloured = clove_tray_words_is_recoloured (g_getenv ("XDG_CURRENT_DESKTOP"));
  tray->menu = g_object_ref_sink (CLOVE_TRAY_MENU (clove_tray_menu_new ()));
  tray->item = clove_tray_item_new (tray->menu, icons);
  tray->model = clove_tray_model_new ();
  g_signal_connect (tray->menu, "chosen", G_CALLBACK (on_chosen), tray);
  g_signal_connect (tray->item, "opened", G_CALLBACK (on_opened), tray);
  g_signal_connect (tray->item, "closed", G_CALLBACK (on_closed), tray);
  g_signal_connect (tray->item, "stuck", G_CALLBACK (on_stuck), tray);
  g_signal_connect (tray->model, "changed", G_CALLBACK (on_changed), tray);
  g_signal_connect (tray->model, "gone", G_CALLBACK (on_gone), tray);
  g_main_loop_run (tray->loop);
  g_clear_handle_id (&tray->tick, g_source_remove);
  if (g_main_context_find_source_by_id (NULL, input) != NULL)
    g_source_remove (input);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GDBusConnection) bus = NULL;
  Tray tray = { 0 };

  setlocale (LC_ALL, ""); /* NOLINT(concurrency-mt-unsafe): the only thread so far */
  bindtextdomain (GETTEXT_PACKAGE, CLOVE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("clove-tray");
  g_set_application_name ("Clove");
  /* No widget of ours is ever on the screen: the panel draws the menu, and names it. */
  g_setenv ("NO_AT_BRIDGE", "1", TRUE);
  if (!gtk_init_check (&argc, &argv)) {
    g_printerr ("clove-tray: there is no display\n");
    return 1;
  }
  /* Connected before the library asks, twice at the same time: see clove-tray-item.c. */
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (bus == NULL) {
    g_printerr ("clove-tray: there is no session bus\n");
    return 1;
  }
  tray.loop = g_main_loop_new (NULL, FALSE);
  run (&tray);
  /* The icon goes first: it must not be seen without its program. */
  g_clear_object (&tray.item);
  g_clear_object (&tray.model);
  g_clear_object (&tray.menu);
  g_main_loop_unref (tray.loop);
  return tray.status;
}
