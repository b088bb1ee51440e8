/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the bytes of one location, bounded in size and time: an https address, an http one on this
 * machine, or a file. It tells the server as little as HTTP allows: no cookies, no user agent, no
 * languages, no credentials; each fetch is a session of its own.
 */
#include "config.h"

#include "clove-fetch.h"

#include "clove-directory-error.h"

#include <libsoup/soup.h>
#include <string.h>

#define CHUNK_SIZE    65536
#define MAX_REDIRECTS 5

typedef struct {
  /* Set at construction. */
  gsize max_size;

  /* Owned. */
  CloveClock *clock;
  CloveTimer deadline;
  GCancellable *abort; /* follows the caller's, and ends the fetch at the deadline */
  SoupSession *session;
  SoupMessage *message;
  GUri *uri;
  GFile *file;
  GInputStream *stream;
  GByteArray *body;

  guint n_redirects;
  gulong cancelled_id;
  gboolean has_timed_out;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *self = data;

  clove_timer_stop (&self->deadline);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_clear_object (&self->stream);
  g_clear_object (&self->file);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_object (&self->message);
  g_clear_object (&self->session);
  g_clear_object (&self->abort);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_free (self);
}

static void
end (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);

  clove_timer_stop (&self->deadline);
  g_cancellable_disconnect (g_task_get_cancellable (task), self->cancelled_id);
  self->cancelled_id = 0;
  /* Closes the connection of a reply that is not read to its end. */
  if (self->session != NULL)
    soup_session_abort (self->session);
}

/* Takes @task and @why. */
static void
fail (GTask *task, GError *why)
{
  g_autoptr (GTask) owned_task G_GNUC_UNUSED = task;
  g_autoptr (GError) owned_why = why;
  Fetch *self = g_task_get_task_data (task);

  g_assert (why != NULL);
  end (task);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->has_timed_out)
    g_task_return_new_error (task, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TIMED_OUT,
                             "the directory did not arrive in time");
  else if (why->domain == CLOVE_DIRECTORY_ERROR)
    g_task_return_error (task, g_steal_pointer (&owned_why));
  else
    g_task_return_new_error (task, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE, "%s",
                             why->message);
}

static void
fail_too_large (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);

  fail (task, g_error_new (CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_TOO_LARGE,
                           "it has more than %zu bytes", self->max_size));
}

static void on_chunk (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_chunk (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (self->stream, CHUNK_SIZE, G_PRIORITY_DEFAULT, self->abort,
                                   on_chunk, task);
}

static void
on_chunk (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk =
    g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size = 0;
  const guint8 *bytes = NULL;

  if (chunk == NULL) {
    fail (task, g_steal_pointer (&error));
    return;
  }
  bytes = g_bytes_get_data (chunk, &size);
  if (size > self->max_size - self->body->len) {
    fail_too_large (task);
    return;
  }
  if (size > 0) {
    g_byte_array_append (self->body, bytes, (guint) size);
    read_chunk (task);
    return;
  }
  end (task);
  g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&self->body)),
                         (GDestroyNotify) g_bytes_unref);
  g_object_unref (task);
}

static void
on_file_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GFileInputStream *stream = g_file_read_finish (G_FILE (source), result, &error);

  if (stream == NULL) {
    fail (task, g_steal_pointer (&error));
    return;
  }
  self->stream = G_INPUT_STREAM (stream);
  read_chunk (task);
}

static void
on_file_info (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info == NULL) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
      fail (task, g_error_new (CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE,
                               "there is no file “%s”", g_file_peek_path (self->file)));
    else
      fail (task, g_steal_pointer (&error));
    return;
  }
  /* Opening a pipe would block a thread until somebody writes. */
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR) {
    fail (task, g_error_new (CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE,
                             "“%s” is not a file", g_file_peek_path (self->file)));
    return;
  }
  g_file_read_async (self->file, G_PRIORITY_DEFAULT, self->abort, on_file_open, task);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

/* Whether the address says where to go and gives nothing of the user away. */
static gboolean
is_plain_address (GUri *uri)
{
  const char *host = g_uri_get_host (uri);

  return host != NULL && *host != '\0' && g_uri_get_userinfo (uri) == NULL;
}

static GUri *
parse_address (const char *location, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (location, SOUP_HTTP_URI_FLAGS, NULL);
  const char *why = NULL;

  if (uri == NULL || !is_plain_address (uri))
    why = "the location of the directory is not a web address without a password";
  else if (strcmp (g_uri_get_scheme (uri), "https") != 0 &&
           (strcmp (g_uri_get_scheme (uri), "http") != 0 || !is_loopback (g_uri_get_host (uri))))
    why = "the location of the directory must begin with https://, or be a file";
  if (why != NULL) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_LOCATION, why);
    return NULL;
  }
  return g_steal_pointer (&uri);
}

/* Returns: (transfer full) (nullable): where the answer sends us, if we go there */
static GUri *
get_redirect (Fetch *self, GError **error)
{
  const char *target =
    soup_message_headers_get_one (soup_message_get_response_headers (self->message), "Location");
  g_autoptr (GUri) uri = NULL;
  const char *why = NULL;

  if (target != NULL)
    uri = g_uri_parse_relative (self->uri, target, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL || !is_plain_address (uri) || strcmp (g_uri_get_scheme (uri), "https") != 0)
    why = "the server redirects to where https does not protect the answer";
  else if (self->n_redirects++ == MAX_REDIRECTS)
    why = "the server redirects again and again";
  if (why != NULL) {
    g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE, why);
    return NULL;
  }
  return g_steal_pointer (&uri);
}

static void on_answer (GObject *source, GAsyncResult *result, gpointer user_data);

static void
send_request (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);

  g_clear_object (&self->message);
  self->message = soup_message_new_from_uri (SOUP_METHOD_GET, self->uri);
  soup_message_add_flags (self->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, self->abort,
                           on_answer, task);
}

static void
follow_redirect (GTask *task)
{
  Fetch *self = g_task_get_task_data (task);
  GError *error = NULL;
  GUri *uri = get_redirect (self, &error);

  if (uri == NULL) {
    fail (task, error);
    return;
  }
  g_clear_pointer (&self->uri, g_uri_unref);
  self->uri = uri;
  g_clear_object (&self->stream);
  send_request (task);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Fetch *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  SoupStatus status = SOUP_STATUS_NONE;
  SoupMessageHeaders *headers = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL) {
    fail (task, g_steal_pointer (&error));
    return;
  }
  status = soup_message_get_status (self->message);
  headers = soup_message_get_response_headers (self->message);
  if (SOUP_STATUS_IS_REDIRECTION (status) && status != SOUP_STATUS_NOT_MODIFIED)
    follow_redirect (task);
  else if (status != SOUP_STATUS_OK)
    fail (task, g_error_new (CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_UNAVAILABLE,
                             "the server answered %u %s", status,
                             soup_status_get_phrase (status)));
  else if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
           soup_message_headers_get_content_length (headers) > (goffset) self->max_size)
    fail_too_large (task);
  else
    read_chunk (task);
}

static SoupSession *
new_session (GUri *uri, GTlsDatabase *tls_database)
{
  g_autoptr (SoupSession) session = soup_session_new ();

  /* The deadline of the whole fetch bounds each of its steps. */
  soup_session_set_timeout (session, 0);
  soup_session_set_user_agent (session, NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  /* No compressed answers, so that the bound on size holds for what crosses the wire too. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  if (tls_database != NULL)
    soup_session_set_tls_database (session, tls_database);
  /* A proxy has no way to this machine's own servers. */
  if (is_loopback (g_uri_get_host (uri)))
    soup_session_set_proxy_resolver (session, NULL);
  return g_steal_pointer (&session);
}

static void
on_deadline (gpointer user_data)
{
  Fetch *self = user_data;

  self->has_timed_out = TRUE;
  g_cancellable_cancel (self->abort);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Returns: (transfer full) (nullable): the file that the location names */
static GFile *
new_file (const char *location, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *host = NULL;

  if (g_ascii_strncasecmp (location, "file:", 5) != 0)
    return g_file_new_for_path (location);
  path = g_filename_from_uri (location, &host, NULL);
  if (path != NULL && (host == NULL || is_loopback (host)))
    return g_file_new_for_path (path);
  g_set_error_literal (error, CLOVE_DIRECTORY_ERROR, CLOVE_DIRECTORY_ERROR_BAD_LOCATION,
                       "the location of the directory is not a local file");
  return NULL;
}

/** clove_fetch_is_file: Tell whether @location means a file, by path or by a file: address. */
gboolean
clove_fetch_is_file (const char *location)
{
  return g_ascii_strncasecmp (location, "file:", 5) == 0 || strstr (location, "://") == NULL;
}

/**
 * clove_fetch_check:
 * @location: where a directory is said to be
 * @error: %CLOVE_DIRECTORY_ERROR_BAD_LOCATION
 *
 * Returns: whether clove_fetch_async() would try to read it; whether it is there remains to be seen
 */
gboolean
clove_fetch_check (const char *location, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GUri) uri = NULL;

  if (clove_fetch_is_file (location))
    file = new_file (location, error);
  else
    uri = parse_address (location, error);
  return file != NULL || uri != NULL;
}

static gboolean
open_location (Fetch *self, const char *location, GTlsDatabase *tls_database, GError **error)
{
  if (clove_fetch_is_file (location)) {
    self->file = new_file (location, error);
    return self->file != NULL;
  }
  self->uri = parse_address (location, error);
  if (self->uri == NULL)
    return FALSE;
  self->session = new_session (self->uri, tls_database);
  return TRUE;
}

/**
 * clove_fetch_async:
 * @location: "https://…", "http://…" for a host that is this machine, "file:///…", or a path
 * @clock: measures the time that is left
 * @options: the bounds
 * @cancellable: (nullable): ends the fetch
 * @callback: called in the thread-default context of the caller
 * @user_data: for @callback
 *
 * Read all bytes of @location. Redirects are followed to https only.
 */
void
clove_fetch_async (const char *location,
                   CloveClock *clock,
                   const CloveFetchOptions *options,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Fetch *self = g_new0 (Fetch, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, clove_fetch_async);
  g_task_set_task_data (task, self, fetch_free);
  self->max_size = options->max_size;
  self->clock = clove_clock_ref (clock);
  self->abort = g_cancellable_new ();
  self->body = g_byte_array_new ();
  clove_timer_init (&self->deadline, clock, on_deadline, self);
  if (!open_location (self, location, options->tls_database, &error)) {
    fail (g_steal_pointer (&task), error);
    return;
  }
  clove_timer_start (&self->deadline, options->timeout_us);
  if (cancellable != NULL)
    self->cancelled_id =
      g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self->abort, NULL);
  if (self->file != NULL)
    g_file_query_info_async (self->file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NONE,
                             G_PRIORITY_DEFAULT, self->abort, on_file_info,
                             g_steal_pointer (&task));
  else
    send_request (g_steal_pointer (&task));
}

/**
 * clove_fetch_finish:
 * @result: as given to the callback
 * @error: %CLOVE_DIRECTORY_ERROR_BAD_LOCATION, _UNAVAILABLE, _TIMED_OUT or _TOO_LARGE, or
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): the bytes, or %NULL
 */
GBytes *
clove_fetch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
