/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cli-once.h"

#include <libsoup/soup.h>

/* The proxy gives up after 60 s; this is only for a proxy that does not. */
#define TIMEOUT_S 90

/* Pages that have a plain form are asked for it: this is for reading in a terminal. */
#define ACCEPT "text/plain, text/html;q=0.5, */*;q=0.1"

/* A page must not be able to move the cursor, rename the window or hide what stands above it. */
static char *
make_printable (const char *text, gsize size)
{
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) size);
  GString *out = g_string_sized_new (size + 1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (c == '\r' && p[1] == '\n')
      continue;
    if (c == '\n' || c == '\t' || !g_unichar_iscntrl (c))
      g_string_append_unichar (out, c);
    else
      g_string_append (out, "\xef\xbf\xbd");
  }
  return g_string_free (out, FALSE);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) body =
    soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  gsize size = 0;
  const char *text = NULL;

  if (body == NULL) {
    g_task_return_error (task, error);
    return;
  }
  text = g_bytes_get_data (body, &size);
  g_task_return_pointer (task, make_printable (text, size), g_free);
}

/**
 * clove_cli_once_async:
 * @url: what to fetch
 * @proxy_address: "ip:port" of our own proxy
 * @callback: called with the page
 * @user_data: for @callback
 *
 * Fetch @url as a browser would that is set to use the proxy.
 */
void
clove_cli_once_async (const char *url,
                      const char *proxy_address,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_autofree char *proxy_uri = g_strdup_printf ("http://%s", proxy_address);
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy_uri, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, url);
  g_autoptr (SoupSession) session =
    soup_session_new_with_options ("proxy-resolver", resolver, "timeout", TIMEOUT_S, NULL);

  g_task_set_source_tag (task, clove_cli_once_async);
  if (message == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                             "“%s” is not an address such as http://demo.ton/", url);
    g_object_unref (task);
    return;
  }
  soup_message_headers_append (soup_message_get_request_headers (message), "Accept", ACCEPT);
  g_task_set_task_data (task, g_object_ref (message), g_object_unref);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_fetched, task);
}

/**
 * clove_cli_once_finish:
 * @result: what the callback was given
 * @status_out: (out): the HTTP status
 * @error: %G_IO_ERROR or %SOUP_SESSION_ERROR
 *
 * Returns: (transfer full) (nullable): the body as text that a terminal can be given
 */
char *
clove_cli_once_finish (GAsyncResult *result, guint *status_out, GError **error)
{
  SoupMessage *message = g_task_get_task_data (G_TASK (result));

  *status_out = message != NULL ? soup_message_get_status (message) : 0;
  return g_task_propagate_pointer (G_TASK (result), error);
}
