/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-tray-menu.h"

#include <glib/gi18n.h>

struct _CloveTrayMenu {
  GtkMenu parent_instance;

  /* Borrowed; the menu owns its items. */
  GtkMenuItem *title;
  GtkMenuItem *hops;
  GtkMenuItem *strikes;
  GtkMenuItem *bans;
  GtkCheckMenuItem *toggle;
  GtkMenuItem *rebuild;
  GtkMenuItem *show;

  gulong on_toggled;
};

G_DEFINE_FINAL_TYPE (CloveTrayMenu, clove_tray_menu, GTK_TYPE_MENU)

enum {
  SIGNAL_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
choose (CloveTrayMenu *self, const char *action)
{
  g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, action);
}

static void
on_rebuild (GtkMenuItem *item, gpointer user_data)
{
  choose (user_data, "rebuild-now");
}

static void
on_show (GtkMenuItem *item, gpointer user_data)
{
  choose (user_data, "show");
}

static void
on_quit (GtkMenuItem *item, gpointer user_data)
{
  choose (user_data, "quit");
}

/* Without the handler: what the program says must not come back to it as a wish. */
static void
set_active (CloveTrayMenu *self, gboolean is_active)
{
  if (gtk_check_menu_item_get_active (self->toggle) == is_active)
    return;
  g_signal_handler_block (self->toggle, self->on_toggled);
  gtk_check_menu_item_set_active (self->toggle, is_active);
  g_signal_handler_unblock (self->toggle, self->on_toggled);
}

/* GTK has moved the mark already; the program moves it, if it does as it was asked. */
static void
on_toggled (GtkCheckMenuItem *item, gpointer user_data)
{
  CloveTrayMenu *self = user_data;

  set_active (self, !gtk_check_menu_item_get_active (item));
  choose (self, "toggle");
}

static GtkMenuItem *
add (CloveTrayMenu *self, GtkWidget *item)
{
  gtk_widget_show (item);
  gtk_menu_shell_append (GTK_MENU_SHELL (self), item);
  return GTK_MENU_ITEM (item);
}

static GtkMenuItem *
add_line (CloveTrayMenu *self)
{
  GtkMenuItem *item = add (self, gtk_menu_item_new_with_label (""));

  gtk_widget_set_sensitive (GTK_WIDGET (item), FALSE);
  return item;
}

static GtkMenuItem *
add_verb (CloveTrayMenu *self, const char *label, GCallback on_activate)
{
  GtkMenuItem *item = add (self, gtk_menu_item_new_with_label (label));

  g_signal_connect_object (item, "activate", on_activate, self, 0);
  return item;
}

static void
clove_tray_menu_class_init (CloveTrayMenuClass *klass)
{
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
clove_tray_menu_init (CloveTrayMenu *self)
{
  self->title = add_line (self);
  self->hops = add_line (self);
  self->strikes = add_line (self);
  self->bans = add_line (self);
  add (self, gtk_separator_menu_item_new ());
  self->toggle = GTK_CHECK_MENU_ITEM (add (self, gtk_check_menu_item_new_with_label (
                                                   _ ("Proxy on"))));
  self->on_toggled = g_signal_connect_object (self->toggle, "toggled", G_CALLBACK (on_toggled),
                                              self, 0);
  self->rebuild = add_verb (self, _ ("Rebuild now"), G_CALLBACK (on_rebuild));
  add (self, gtk_separator_menu_item_new ());
  self->show = add_verb (self, _ ("Show window"), G_CALLBACK (on_show));
  (void) add_verb (self, _ ("Quit"), G_CALLBACK (on_quit));
}

/** clove_tray_menu_new: (transfer floating): Make a menu that shows nothing yet. */
GtkWidget *
clove_tray_menu_new (void)
{
  return g_object_new (CLOVE_TYPE_TRAY_MENU, NULL);
}

/* Each change of a label goes over the bus to the panel. */
static void
set_label (GtkMenuItem *item, const char *label)
{
  if (g_strcmp0 (gtk_menu_item_get_label (item), label) != 0)
    gtk_menu_item_set_label (item, label);
}

/** clove_tray_menu_show_state: Show @state. */
void
clove_tray_menu_show_state (CloveTrayMenu *self, const CloveTrayState *state)
{
  g_autofree char *hops = clove_tray_words_hops (state);
  g_autofree char *strikes = clove_tray_words_strikes (state);
  g_autofree char *bans = clove_tray_words_bans (state);

  set_label (self->title, state->title);
  if (hops != NULL)
    set_label (self->hops, hops);
  set_label (self->strikes, strikes);
  set_label (self->bans, bans);
  gtk_widget_set_visible (GTK_WIDGET (self->hops), hops != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->strikes), hops != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->bans), state->is_on || state->n_bans > 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self->toggle), state->has_actions);
  set_active (self, state->is_on);
  gtk_widget_set_sensitive (GTK_WIDGET (self->rebuild), state->can_rebuild);
}

/** clove_tray_menu_show_left: Show for how long a rebuild is forbidden; 0 for no such time. */
void
clove_tray_menu_show_left (CloveTrayMenu *self, guint left_s)
{
  g_autofree char *label = clove_tray_words_rebuild (left_s);

  set_label (self->rebuild, label);
}

/** clove_tray_menu_get_show_item: (transfer none): Get what a click of the middle button does. */
GtkWidget *
clove_tray_menu_get_show_item (CloveTrayMenu *self)
{
  return GTK_WIDGET (self->show);
}
