/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relay-menu.h"

#include "clove-window.h"

#include <glib/gi18n.h>

static void
append (GMenu *menu, const char *label, const char *action, const char *address)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", address);
  g_menu_append_item (menu, item);
}

/** clove_relay_menu_new: (transfer full): Offer what makes sense for a relay now. */
GMenuModel *
clove_relay_menu_new (CloveRelayItem *item)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) bans = g_menu_new ();
  g_autoptr (GMenu) copies = g_menu_new ();
  const char *address = clove_relay_item_get_address (item);
  CloveRelayStatus status = clove_relay_item_get_status (item);

  if (clove_relay_item_is_banned (item))
    append (bans, _ ("_Clear"), CLOVE_RELAY_ACTION_CLEAR, address);
  append (bans, _ ("Blacklist for _5 minutes"), CLOVE_RELAY_ACTION_BAN, address);
  if (status != CLOVE_RELAY_BANNED_BY_USER)
    append (bans, _ ("Blacklist _until cleared"), CLOVE_RELAY_ACTION_BAN_FOR_EVER, address);
  if (clove_relay_item_get_key (item) != NULL)
    append (copies, _ ("Copy _key"), CLOVE_RELAY_ACTION_COPY_KEY, address);
  append (copies, _ ("Copy _address"), CLOVE_RELAY_ACTION_COPY_ADDRESS, address);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (bans));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (copies));
  return G_MENU_MODEL (g_steal_pointer (&menu));
}

/* Takes @text. */
static void
say (GtkWidget *widget, char *text)
{
  g_autofree char *owned = text;
  GtkRoot *root = gtk_widget_get_root (widget);

  if (CLOVE_IS_WINDOW (root))
    clove_window_add_toast (CLOVE_WINDOW (root), owned);
}

static void
clear_relay (GtkWidget *widget, CloveRelayItem *item)
{
  gtk_widget_activate_action (widget, "app.clear-relay", "s", clove_relay_item_get_address (item));
  /* Translators: %s is the name of a relay */
  say (widget,
       g_strdup_printf (_ ("\u2068%s\u2069 may be used again"), clove_relay_item_get_name (item)));
}

static void
ban (GtkWidget *widget, CloveRelayItem *item)
{
  gtk_widget_activate_action (widget, "app.ban-relay", "(sb)",
                              clove_relay_item_get_address (item), FALSE);
  /* Translators: %s is the name of a relay */
  say (widget,
       g_strdup_printf (_ ("\u2068%s\u2069 is blacklisted for 5 minutes"),
                        clove_relay_item_get_name (item)));
}

static void
ban_until_cleared (GtkWidget *widget, CloveRelayItem *item)
{
  gtk_widget_activate_action (widget, "app.ban-relay", "(sb)",
                              clove_relay_item_get_address (item), TRUE);
  /* Translators: %s is the name of a relay */
  say (widget,
       g_strdup_printf (_ ("\u2068%s\u2069 is blacklisted until you clear it"),
                        clove_relay_item_get_name (item)));
}

static void
copy_key (GtkWidget *widget, CloveRelayItem *item)
{
  g_autofree char *key = clove_relay_item_dup_key_text (item);

  if (key == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), key);
  /* Translators: %s is the name of a relay */
  say (widget,
       g_strdup_printf (_ ("Key of \u2068%s\u2069 copied"), clove_relay_item_get_name (item)));
}

static void
copy_address (GtkWidget *widget, CloveRelayItem *item)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), clove_relay_item_get_address (item));
  /* Translators: %s is the name of a relay */
  say (widget,
       g_strdup_printf (_ ("Address of \u2068%s\u2069 copied"), clove_relay_item_get_name (item)));
}

/** clove_relay_menu_perform: Do what the menu's @action says, for @item, and say so in a toast. */
void
clove_relay_menu_perform (GtkWidget *widget, const char *action, CloveRelayItem *item)
{
  static const struct {
    const char *action;
    void (*perform) (GtkWidget *widget, CloveRelayItem *item);
  } verbs[] = {
    { CLOVE_RELAY_ACTION_CLEAR, clear_relay },
    { CLOVE_RELAY_ACTION_BAN, ban },
    { CLOVE_RELAY_ACTION_BAN_FOR_EVER, ban_until_cleared },
    { CLOVE_RELAY_ACTION_COPY_KEY, copy_key },
    { CLOVE_RELAY_ACTION_COPY_ADDRESS, copy_address },
  };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
    if (g_str_equal (verbs[i].action, action))
      verbs[i].perform (widget, item);
  }
}
