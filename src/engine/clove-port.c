/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A port that is taken: finds out whether Clove itself holds it, by asking it for the PAC file that
 * only Clove begins with its mark, and which port nearby is free.
 */
#include "config.h"

#include "clove-port.h"

#include "clove-clock.h"
#include "clove-pac.h"

#include <libsoup/soup.h>
#include <string.h>

/* Whoever holds the port may be anything, so it is not waited for. */
#define DEADLINE_US G_USEC_PER_SEC

/* Ports tried for a free one to suggest. */
#define MAX_SUGGESTIONS 20

typedef struct {
  CloveClock *clock;
  CloveTimer deadline;
  GCancellable *cancellable;
  char start[sizeof CLOVE_PAC_MARK - 1]; /* of what the port's holder answers */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  clove_timer_stop (&question->deadline);
  g_object_unref (question->cancellable);
  clove_clock_unref (question->clock);
  g_free (question);
}

static void
on_deadline (gpointer user_data)
{
  Question *question = user_data;

  g_cancellable_cancel (question->cancellable);
}

static void
finish (GTask *task)
{
  const Question *question = g_task_get_task_data (task);

  g_task_return_boolean (task, memcmp (question->start, CLOVE_PAC_MARK,
                                       sizeof question->start) == 0);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, NULL, NULL);
  finish (task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Question *question = g_task_get_task_data (task);
  g_autoptr (GInputStream) body = soup_session_send_finish (SOUP_SESSION (source), result, NULL);

  if (body == NULL)
    finish (task);
  else
    g_input_stream_read_all_async (body, question->start, sizeof question->start,
                                   G_PRIORITY_DEFAULT, question->cancellable, on_read,
                                   g_steal_pointer (&task));
}

/* The place to ask: who listens everywhere is met on loopback. */
static char *
make_url (const CloveAddress *address)
{
  char text[CLOVE_ADDRESS_STRING_SIZE] = { 0 };

  clove_address_format (address, text);
  if (g_str_has_prefix (text, "0.0.0.0:") || g_str_has_prefix (text, "[::]:"))
    return g_strdup_printf ("http://localhost:%u/proxy.pac", clove_address_get_port (address));
  return g_strdup_printf ("http://%s/proxy.pac", text);
}

/**
 * clove_port_find_free:
 * @taken: where somebody listens
 * @out: (out): the first address after @taken at which nobody does
 *
 * Returns: whether one of the next ports is free
 */
gboolean
clove_port_find_free (const CloveAddress *taken, CloveAddress *out)
{
  guint first = clove_address_get_port (taken) + 1;

  *out = *taken;
  for (guint port = first; port < first + MAX_SUGGESTIONS && port <= G_MAXUINT16; port++) {
    g_autoptr (GSocketAddress) candidate = NULL;
    g_autoptr (GSocket) probe = NULL;

    clove_address_set_port (out, (guint16) port);
    candidate = clove_address_to_gsocket (out);
    probe = g_socket_new (g_socket_address_get_family (candidate), G_SOCKET_TYPE_STREAM,
                          G_SOCKET_PROTOCOL_TCP, NULL);
    if (probe != NULL && g_socket_bind (probe, candidate, TRUE, NULL))
      return TRUE;
  }
  return FALSE;
}

/**
 * clove_port_ask_async:
 * @taken: where somebody listens
 * @callback: called within about a second
 * @user_data: for @callback
 *
 * Find out whether it is Clove that listens there.
 */
void
clove_port_ask_async (const CloveAddress *taken, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Question *question = g_new0 (Question, 1);
  g_autoptr (SoupSession) session =
    soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autofree char *url = make_url (taken);

  g_task_set_source_tag (task, clove_port_ask_async);
  question->clock = clove_clock_new (NULL);
  question->cancellable = g_cancellable_new ();
  clove_timer_init (&question->deadline, question->clock, on_deadline, question);
  g_task_set_task_data (task, question, question_free);

  message = soup_message_new (SOUP_METHOD_GET, url);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  clove_timer_start (&question->deadline, DEADLINE_US);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, question->cancellable, on_answer,
                           g_steal_pointer (&task));
}

/** clove_port_ask_finish: Tell whether it is Clove. */
gboolean
clove_port_ask_finish (GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
