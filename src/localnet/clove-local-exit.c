/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams and requests of an exit. Where the reference does worse, it is played when asked for: its
 * streams belong to nobody in particular and live for ever, two messages may change places, and
 * requests that its HTTP code cannot carry end in silence.
 */
#include "config.h"

#include "clove-local-exit.h"

#include "clove-exit-fetch.h"
#include "clove-exit-host.h"
#include "clove-local-streams.h"
#include "clove-relay-message.h"

#include <string.h>

/* The reference hands each message to a goroutine of its own; this share of them loses the race
 * against the next message, so that about 43 of 200 pairs change places. */
#define STRAY_PERCENT  27
#define STRAY_DELAY_US 300

#define MAX_HOST_SIZE 255

/* What a lying exit says of every request, those that are under way included. */
#define LIE "DNS resolution failed"

typedef struct {
  CloveLocalExit *exit; /* borrowed; it owns us */
  guint8 circuit_id[CLOVE_INT256_SIZE];
  gint32 stream_id;
  gboolean is_head;
  gint64 content_length;
  CloveExitFetch *fetch;
  GList link;
} Job;

/* A message that lost the race. */
typedef struct {
  CloveLocalExit *exit; /* borrowed; it owns us */
  guint8 circuit_id[CLOVE_INT256_SIZE];
  GBytes *object;
  CloveTimer timer;
  GList link;
} Stray;

struct _CloveLocalExit {
  /* Owned. */
  CloveClock *clock;
  CloveOrigin *origin; /* nullable */
  CloveRandom *random; /* NULL unless the reference is played */
  CloveLocalPacer *pacer;
  CloveLocalStreams *streams;
  GQueue jobs;   /* of Job, by their links */
  GQueue strays; /* of Stray, by their links */

  gboolean is_lying;
  guint n_requests;
};

static void
job_free (Job *job)
{
  g_queue_unlink (&job->exit->jobs, &job->link);
  clove_exit_fetch_free (job->fetch);
  g_free (job);
}

static void
stray_free (Stray *stray)
{
  clove_timer_stop (&stray->timer);
  g_queue_unlink (&stray->exit->strays, &stray->link);
  g_bytes_unref (stray->object);
  g_free (stray);
}

static gboolean
send_object (CloveLocalExit *self, const guint8 *circuit_id, const CloveRelayMessage *message)
{
  gsize size = clove_relay_message_size (message);
  guint8 *data = g_malloc (size);
  g_autoptr (GBytes) object = g_bytes_new_take (data, size);
  CloveWriter writer = { 0 };

  clove_writer_init (&writer, data, size);
  clove_relay_message_write (&writer, message);
  return clove_writer_is_ok (&writer) &&
         clove_local_pacer_add (self->pacer, circuit_id, message->stream_id, object);
}

static void
send_connected (CloveLocalExit *self,
                const guint8 *circuit_id,
                gint32 stream_id,
                const char *refusal)
{
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_CONNECTED,
    .stream_id = stream_id,
    .is_success = refusal == NULL,
    .data = (const guint8 *) (refusal != NULL ? refusal : ""),
    .data_size = refusal != NULL ? strlen (refusal) : 0,
  };

  send_object (self, circuit_id, &message);
}

static gboolean
send_reply (CloveLocalExit *self,
            const guint8 *circuit_id,
            gint32 stream_id,
            CloveExitReply *reply)
{
  g_autoptr (GBytes) bytes = clove_exit_reply_format (
    reply, self->random != NULL ? CLOVE_EXIT_REPLY_UNFRAMED : CLOVE_EXIT_REPLY_FRAMED);
  CloveRelayMessage message = {
    .type = CLOVE_RELAY_MESSAGE_STREAM_DATA,
    .stream_id = stream_id,
  };

  message.data = g_bytes_get_data (bytes, &message.data_size);
  return send_object (self, circuit_id, &message);
}

static void
send_failure (CloveLocalExit *self,
              const guint8 *circuit_id,
              gint32 stream_id,
              const char *reason)
{
  g_autoptr (CloveExitReply) reply = clove_exit_reply_new_failure ("%s", reason);

  send_reply (self, circuit_id, stream_id, reply);
}

/* Whether the reference's HTTP code cannot carry this reply, so that nothing comes back. */
static gboolean
is_lost_by_reference (const Job *job, const CloveExitReply *reply)
{
  if (reply->is_broken)
    return TRUE;
  return job->content_length > 0 && !job->is_head &&
         (guint64) job->content_length != clove_exit_reply_get_body_size (reply);
}

static void
on_fetched (CloveExitReply *reply, gpointer user_data)
{
  Job *job = user_data;
  CloveLocalExit *self = job->exit;

  if (self->is_lying)
    send_failure (self, job->circuit_id, job->stream_id, LIE);
  else if (self->random != NULL && is_lost_by_reference (job, reply))
    g_debug ("reply lost as the reference would");
  else if (reply->is_broken)
    send_failure (self, job->circuit_id, job->stream_id, "unexpected EOF");
  else if (!send_reply (self, job->circuit_id, job->stream_id, reply))
    send_failure (self, job->circuit_id, job->stream_id, "too much to send already");
  clove_exit_reply_free (reply);
  job_free (job);
}

static void
connect_stream (CloveLocalExit *self, const guint8 *circuit_id, const CloveRelayMessage *message)
{
  g_autofree char *host = NULL;
  const char *refusal = NULL;

  if (message->data_size == 0 || message->data_size > MAX_HOST_SIZE ||
      memchr (message->data, '\0', message->data_size) != NULL) {
    send_connected (self, circuit_id, message->stream_id, "invalid domain format");
    return;
  }
  host = g_strndup ((const char *) message->data, message->data_size);
  refusal = self->is_lying ? "DNS resolution failed: no such dns record"
                           : clove_exit_host_refusal (host);
  if (refusal == NULL &&
      !clove_local_streams_open (self->streams, circuit_id, message->stream_id, host))
    refusal = "too many streams";
  send_connected (self, circuit_id, message->stream_id, refusal);
}

static void
start_job (CloveLocalExit *self,
           const guint8 *circuit_id,
           gint32 stream_id,
           const char *host,
           CloveExitRequest *request)
{
  Job *job = g_new0 (Job, 1);

  job->exit = self;
  memcpy (job->circuit_id, circuit_id, CLOVE_INT256_SIZE);
  job->stream_id = stream_id;
  job->is_head = strcmp (request->method, "HEAD") == 0;
  job->content_length = request->content_length;
  job->link.data = job;
  g_queue_push_tail_link (&self->jobs, &job->link);
  job->fetch =
    clove_exit_fetch_new (self->clock, self->origin, host, request, on_fetched, job);
}

/* The reference says neither the length of a body that came in chunks nor that it has chunks, so
 * that sites do not ask for it. */
static void
lose_chunked_body (CloveExitRequest *request)
{
  if (request->content_length >= 0)
    return;
  g_bytes_unref (request->body);
  request->body = g_bytes_new (NULL, 0);
}

static void
take_request (CloveLocalExit *self, const guint8 *circuit_id, const CloveRelayMessage *message)
{
  const char *host = clove_local_streams_find (self->streams, circuit_id, message->stream_id);
  g_autoptr (GError) error = NULL;
  g_autoptr (CloveExitRequest) request = NULL;

  /* Silence, as for an unknown circuit: who asks has no business here. */
  if (host == NULL)
    return;
  self->n_requests++;
  request = clove_exit_request_parse (message->data, message->data_size, &error);
  if (request == NULL) {
    g_autoptr (CloveExitReply) reply = clove_exit_reply_new_text (400, "%s\n", error->message);

    g_debug ("malformed request: %s", error->message);
    if (self->random == NULL)
      send_reply (self, circuit_id, message->stream_id, reply);
  } else if (self->is_lying) {
    send_failure (self, circuit_id, message->stream_id, LIE);
  } else if (self->jobs.length >= CLOVE_LOCAL_EXIT_MAX_JOBS) {
    send_failure (self, circuit_id, message->stream_id, "too many requests");
  } else {
    if (self->random != NULL)
      lose_chunked_body (request);
    start_job (self, circuit_id, message->stream_id, host, g_steal_pointer (&request));
  }
}

static void
drop_jobs (CloveLocalExit *self, const guint8 *circuit_id, const gint32 *stream_id)
{
  for (GList *link = self->jobs.head; link != NULL;) {
    Job *job = link->data;

    link = link->next;
    if (memcmp (job->circuit_id, circuit_id, CLOVE_INT256_SIZE) == 0 &&
        (stream_id == NULL || job->stream_id == *stream_id))
      job_free (job);
  }
}

static void
close_stream (CloveLocalExit *self, const guint8 *circuit_id, gint32 stream_id)
{
  clove_local_streams_close (self->streams, circuit_id, stream_id);
  if (self->random != NULL)
    return;
  drop_jobs (self, circuit_id, &stream_id);
  clove_local_pacer_drop_stream (self->pacer, circuit_id, stream_id);
}

static void
handle_now (CloveLocalExit *self, const guint8 *circuit_id, const guint8 *object, gsize size)
{
  CloveRelayMessage message = { 0 };
  g_autoptr (GError) error = NULL;

  if (!clove_relay_message_parse (&message, object, size, &error)) {
    g_debug ("exit got no object: %s", error->message);
    return;
  }
  if (message.type == CLOVE_RELAY_MESSAGE_STREAM_CONNECT)
    connect_stream (self, circuit_id, &message);
  else if (message.type == CLOVE_RELAY_MESSAGE_STREAM_DATA)
    take_request (self, circuit_id, &message);
  else if (message.type == CLOVE_RELAY_MESSAGE_STREAM_CLOSE)
    close_stream (self, circuit_id, message.stream_id);
}

static void
on_stray_arrives (gpointer user_data)
{
  Stray *stray = user_data;
  CloveLocalExit *self = stray->exit;
  guint8 circuit_id[CLOVE_INT256_SIZE];
  g_autoptr (GBytes) object = g_bytes_ref (stray->object);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (object, &size);

  memcpy (circuit_id, stray->circuit_id, sizeof circuit_id);
  stray_free (stray);
  handle_now (self, circuit_id, data, size);
}

static void
let_stray (CloveLocalExit *self, const guint8 *circuit_id, const guint8 *object, gsize size)
{
  Stray *stray = g_new0 (Stray, 1);

  stray->exit = self;
  memcpy (stray->circuit_id, circuit_id, CLOVE_INT256_SIZE);
  stray->object = g_bytes_new (object, size);
  stray->link.data = stray;
  g_queue_push_tail_link (&self->strays, &stray->link);
  clove_timer_init (&stray->timer, self->clock, on_stray_arrives, stray);
  clove_timer_start (&stray->timer, STRAY_DELAY_US);
}

/**
 * clove_local_exit_new:
 * @clock: time and timers
 * @origin: (nullable): the server to ask instead of the demo site
 * @send: seals a piece and sends it towards the client
 * @user_data: for @send
 *
 * Returns: (transfer full): an exit without streams
 */
CloveLocalExit *
clove_local_exit_new (CloveClock *clock,
                      CloveOrigin *origin,
                      CloveLocalPieceFunc send,
                      gpointer user_data)
{
  CloveLocalExit *self = g_new0 (CloveLocalExit, 1);

  self->clock = clove_clock_ref (clock);
  self->origin = origin != NULL ? g_object_ref (origin) : NULL;
  self->pacer = clove_local_pacer_new (clock, send, user_data);
  self->streams = clove_local_streams_new ();
  g_queue_init (&self->jobs);
  g_queue_init (&self->strays);
  return self;
}

/** clove_local_exit_free: Release the exit and stop what it has under way; %NULL is nothing. */
void
clove_local_exit_free (CloveLocalExit *self)
{
  if (self == NULL)
    return;
  while (self->strays.head != NULL)
    stray_free (self->strays.head->data);
  while (self->jobs.head != NULL)
    job_free (self->jobs.head->data);
  clove_local_streams_free (self->streams);
  clove_local_pacer_free (self->pacer);
  g_clear_pointer (&self->random, clove_random_unref);
  g_clear_object (&self->origin);
  clove_clock_unref (self->clock);
  g_free (self);
}

/** clove_local_exit_play_reference: Behave like the reference's exit, with dice from @random. */
void
clove_local_exit_play_reference (CloveLocalExit *self, CloveRandom *random)
{
  g_clear_pointer (&self->random, clove_random_unref);
  self->random = clove_random_ref (random);
  clove_local_streams_set_shared (self->streams);
  clove_local_pacer_set_bursting (self->pacer, random);
}

/** clove_local_exit_set_lying: Say, or no longer say, that no site exists. */
void
clove_local_exit_set_lying (CloveLocalExit *self, gboolean is_lying)
{
  self->is_lying = is_lying;
}

/**
 * clove_local_exit_handle:
 * @self: an exit
 * @circuit_id: the circuit that it came by
 * @object: what was inside the last layer, one boxed object
 * @size: its size
 *
 * Take a message of a client; what is none is ignored.
 */
void
clove_local_exit_handle (CloveLocalExit *self,
                         const guint8 circuit_id[static CLOVE_INT256_SIZE],
                         const guint8 *object,
                         gsize size)
{
  if (self->random != NULL && clove_random_uniform (self->random, 100) < STRAY_PERCENT)
    let_stray (self, circuit_id, object, size);
  else
    handle_now (self, circuit_id, object, size);
}

/** clove_local_exit_close_circuit: Forget every stream of a circuit that has ended. */
void
clove_local_exit_close_circuit (CloveLocalExit *self,
                                const guint8 circuit_id[static CLOVE_INT256_SIZE])
{
  guint8 id[CLOVE_INT256_SIZE];

  memcpy (id, circuit_id, sizeof id);
  drop_jobs (self, id, NULL);
  clove_local_pacer_drop_circuit (self->pacer, id);
  clove_local_streams_close_circuit (self->streams, id);
}

/** clove_local_exit_get_n_streams: Get the number of open streams. */
guint
clove_local_exit_get_n_streams (const CloveLocalExit *self)
{
  return clove_local_streams_count (self->streams);
}

/** clove_local_exit_get_n_requests: Get the number of requests that came since it was made. */
guint
clove_local_exit_get_n_requests (const CloveLocalExit *self)
{
  return self->n_requests;
}
