/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A port that is taken: says who holds it, and which port nearby is free. */
#include "config.h"

#include "clove-cli-port.h"

#include "clove-manual-relays.h"
#include "clove-port.h"

static char *
explain (const CloveAddress *taken, gboolean is_clove)
{
  char taken_text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  char free_text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };
  CloveAddress unused = { 0 };
  g_autofree char *who = NULL;

  clove_address_format (taken, taken_text);
  who = is_clove ? g_strdup_printf ("Clove already runs on port %u and can be used there",
                                    clove_address_get_port (taken))
                 : g_strdup_printf ("another program already listens on %s", taken_text);
  if (!clove_port_find_free (taken, &unused))
    return g_steal_pointer (&who);
  clove_address_format (&unused, free_text);
  return g_strdup_printf ("%s; this address is free: --listen %s", who, free_text);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  gboolean is_clove = clove_port_ask_finish (result);

  g_task_return_pointer (task, explain (g_task_get_task_data (task), is_clove), g_free);
}

/**
 * clove_cli_port_explain_async:
 * @listen: where we cannot listen because the port is taken; an address that the engine took
 * @callback: called within about a second
 * @user_data: for @callback
 *
 * Find out who is there.
 */
void
clove_cli_port_explain_async (const char *listen, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  CloveAddress *taken = g_new0 (CloveAddress, 1);

  g_task_set_source_tag (task, clove_cli_port_explain_async);
  g_task_set_task_data (task, taken, g_free);
  if (!clove_manual_listen_parse (taken, listen, NULL))
    g_return_if_reached ();
  clove_port_ask_async (taken, on_asked, g_steal_pointer (&task));
}

/** clove_cli_port_explain_finish: (transfer full): Get a sentence without its full stop. */
char *
clove_cli_port_explain_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
