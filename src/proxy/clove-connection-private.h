/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-buffer.h"
#include "clove-connection.h"
#include "clove-error-page.h"
#include "clove-http-body.h"
#include "clove-http-response.h"
#include "clove-http-target.h"
#include "clove-http-upstream.h"

#include "clove-address.h"

G_BEGIN_DECLS

/* The first byte of a head to its last. */
#define CLOVE_HEAD_TIMEOUT_US     (G_GINT64_CONSTANT (10) * G_USEC_PER_SEC)
/* Nothing at all between two requests. */
#define CLOVE_IDLE_TIMEOUT_US     (G_GINT64_CONSTANT (75) * G_USEC_PER_SEC)
/* The body of a request; and no byte moving towards the browser. */
#define CLOVE_PROGRESS_TIMEOUT_US (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
/* From the complete head of a request to the head of its reply. */
#define CLOVE_REQUEST_TIMEOUT_US  (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
/* How long a browser that sent its end is still given a reply that has not begun. */
#define CLOVE_HALF_CLOSED_US      (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)
/* How long what a browser still sends is read after the last reply, lest a reset kill the reply. */
#define CLOVE_LINGER_US           (G_GINT64_CONSTANT (2) * G_USEC_PER_SEC)
/* What may wait for a slow browser, and for the request before. */
#define CLOVE_MAX_OUTPUT_SIZE     65536
#define CLOVE_MAX_EARLY_INPUT     16384

/**
 * CloveConnectionState:
 * @CLOVE_CONNECTION_HEAD: reads the head of a request, or waits for its first byte
 * @CLOVE_CONNECTION_BODY: reads its body
 * @CLOVE_CONNECTION_QUEUED: waits for a slot
 * @CLOVE_CONNECTION_WAITING: was sent, waits for the head of the reply
 * @CLOVE_CONNECTION_STREAMING: hands the body of the reply on
 * @CLOVE_CONNECTION_FLUSHING: writes what is left, then ends
 * @CLOVE_CONNECTION_LINGERING: has ended its side, drops what still comes
 * @CLOVE_CONNECTION_CLOSED: is over
 */
typedef enum {
  CLOVE_CONNECTION_HEAD,
  CLOVE_CONNECTION_BODY,
  CLOVE_CONNECTION_QUEUED,
  CLOVE_CONNECTION_WAITING,
  CLOVE_CONNECTION_STREAMING,
  CLOVE_CONNECTION_FLUSHING,
  CLOVE_CONNECTION_LINGERING,
  CLOVE_CONNECTION_CLOSED,
} CloveConnectionState;

/* The request being served. */
typedef struct {
  gboolean is_active;
  gboolean is_for_site;
  gboolean is_head;
  gboolean is_http10;
  gboolean wants_text; /* rather than HTML, when we answer ourselves */
  gboolean keeps_alive;
  char host[CLOVE_HTTP_HOST_SIZE];
  char method[CLOVE_HTTP_MAX_METHOD_SIZE + 1];
  gint64 began_us;
  CloveHttpBody body;
  CloveHttpUpstream upstream;
} CloveConnectionRequest;

/* Its reply. */
typedef struct {
  CloveExchange *exchange;
  CloveBuffer head;
  CloveHttpBody body;
  CloveHttpFraming framing;
  CloveHttpFraming delivery;
  guint status;
  guint64 body_size;
} CloveConnectionReply;

struct _CloveConnection {
  GObject parent_instance;

  /* Set at construction. */
  CloveConnectionFunc on_closed;
  gpointer on_closed_data;
  char own_address[CLOVE_ADDRESS_STRING_SIZE];

  /* Owned. */
  CloveProxyShared *shared;
  GSocket *socket;
  GSource *source;
  gpointer fd_tag;
  CloveTimer timer;
  CloveSlot slot;
  CloveBuffer in;
  CloveBuffer out;
  CloveHttpScan scan;
  CloveConnectionRequest request;
  CloveConnectionReply reply;

  CloveConnectionState state;
  GIOCondition condition;
  gint64 deadline_us;
  gboolean is_head_begun;
  gboolean has_input_ended;
  gboolean is_output_blocked;
  int unread_size;
};

/* clove-connection.c */
gint64 _clove_connection_now_us (CloveConnection *self);
void _clove_connection_set_deadline (CloveConnection *self, gint64 delay_us);
void _clove_connection_run (CloveConnection *self);
void _clove_connection_close (CloveConnection *self);

/* clove-connection-socket.c */
void _clove_connection_attach (CloveConnection *self);
void _clove_connection_update_source (CloveConnection *self);
gboolean _clove_connection_flush (CloveConnection *self);
gboolean _clove_connection_is_being_read (CloveConnection *self);

/* clove-connection-request.c */
void _clove_connection_next_request (CloveConnection *self);
gboolean _clove_connection_read_head (CloveConnection *self);
gboolean _clove_connection_read_body (CloveConnection *self);
void _clove_connection_time_out (CloveConnection *self);

/* clove-connection-reply.c */
void _clove_connection_send_request (CloveConnection *self);
gboolean _clove_connection_read_reply_head (CloveConnection *self);
gboolean _clove_connection_stream_reply (CloveConnection *self);
void _clove_connection_answer (CloveConnection *self, guint status, const char *detail);
void _clove_connection_answer_error (CloveConnection *self, int backend_error, const char *words);
void _clove_connection_finish_request (CloveConnection *self,
                                       int backend_error,
                                       gboolean is_complete);

G_END_DECLS
