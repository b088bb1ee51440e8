/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request on one stream, and again on another when that fails. A request that may be sent
 * twice, and of whose reply nothing was shown yet, is repeated: at once if only the reply was
 * damaged, else on the circuit that replaces the dead one. One that hears nothing for long though
 * its circuit lives may have been lost on the way: it is sent a second time beside the first, and
 * whichever the site answers first counts. If the exit gives one of the two up, what it says of the
 * site waits a while for the other. The browser sees a slow page instead of an error. What is shown
 * cannot be taken back, so a small reply, which comes in one burst anyway, is shown when it is
 * whole.
 */
#include "config.h"

#include "clove-circuit-exchange.h"

#include "clove-http-response.h"

/* Once on the standby circuit; if that is dead too, back on the live one, which may have been slow
 * only, and once on the one that is built then. */
#define MAX_REPEATS 3

/* The largest reply that is held back until it is whole: the first piece of a larger one has 64 KiB
 * and a head. */
#define MAX_HELD_SIZE (72 * 1024)

/* Silence after which a request may have been lost: sixteen round trips within these, and twice as
 * long after each copy. Sites may be slow, and being asked twice must not be the rule. */
#define MIN_LOST_US (4 * G_TIME_SPAN_SECOND)
#define MAX_LOST_US (15 * G_TIME_SPAN_SECOND)
#define MAX_COPIES  3

/* How long the other attempt is waited for once the exit has given one up, and after what time the
 * browser is told at once: its minute must not end in less than the exit has to say. */
#define FALLBACK_US  (10 * G_TIME_SPAN_SECOND)
#define LAST_CALL_US (50 * G_TIME_SPAN_SECOND)

/* How long after it came a request may be repeated, or wait for a circuit to be repeated on. */
#define PATIENCE_US G_TIME_SPAN_MINUTE

struct _CloveCircuitExchange {
  CloveExchange parent_instance;

  /* Owned. */
  CloveKeeper *keeper;
  CloveClock *clock;
  char *host;
  GBytes *request;
  CloveCircuit *circuit; /* that carries it; NULL before */
  CloveStream *stream;   /* NULL without a circuit, and once let go */
  CloveStream *second;   /* the same request again; NULL for most */
  CloveStream *fallback; /* has the exit's own page, if nothing better comes; no second then */
  GError *error;
  CloveTimer wake;         /* tells of a failure that was there from the start */
  CloveTimer lost;         /* nothing was heard for long */
  CloveTimer fallback_due; /* nothing better came */
  CloveTimer give_up;      /* no circuit came */

  CloveTicket ticket;
  gboolean has_ticket;    /* the keeper waits for the outcome */
  gboolean is_safe;       /* it may be sent more than once */
  gboolean may_break_off; /* whoever sent it will ask for less then */
  gboolean is_broken_off; /* and it does so; what came is of use */
  gboolean is_piece;      /* whoever sent it repeats it */
  gint64 begun_us;
  gint64 sent_us;        /* the last time */
  guint n_copies;        /* sent beside the first, on this circuit */
  guint n_repeats_left;  /* after failures */
  gboolean is_postponed; /* waits for a circuit to be repeated on */
  gboolean is_shown;     /* the reader has seen something of the reply */

  CloveExchangeFunc on_progress;
  gpointer user_data;
};

G_DEFINE_FINAL_TYPE (CloveCircuitExchange, clove_circuit_exchange, CLOVE_TYPE_EXCHANGE)

static void attempt (CloveCircuitExchange *self);

static CloveBackendError
backend_code (const GError *error)
{
  if (error->domain != CLOVE_CIRCUIT_ERROR)
    return CLOVE_BACKEND_ERROR_CIRCUIT;
  switch ((CloveCircuitError) error->code) {
    case CLOVE_CIRCUIT_ERROR_SITE:
      return CLOVE_BACKEND_ERROR_SITE;
    case CLOVE_CIRCUIT_ERROR_TOO_LARGE:
      return CLOVE_BACKEND_ERROR_TOO_LARGE;
    case CLOVE_CIRCUIT_ERROR_OVERFLOW:
      return CLOVE_BACKEND_ERROR_OVERFLOW;
    case CLOVE_CIRCUIT_ERROR_MALFORMED:
    case CLOVE_CIRCUIT_ERROR_HANDSHAKE:
    case CLOVE_CIRCUIT_ERROR_REFUSED:
    case CLOVE_CIRCUIT_ERROR_TIMED_OUT:
    case CLOVE_CIRCUIT_ERROR_STALLED:
    case CLOVE_CIRCUIT_ERROR_CLOSED:
    case CLOVE_CIRCUIT_ERROR_SEND:
    default:
      return CLOVE_BACKEND_ERROR_CIRCUIT;
  }
}

static void
report (CloveCircuitExchange *self, CloveOutcome outcome, const char *detail)
{
  if (!self->has_ticket)
    return;
  self->has_ticket = FALSE;
  clove_keeper_end_request (self->keeper, &self->ticket, outcome, self->host, detail);
}

static void
drop_second (CloveCircuitExchange *self)
{
  if (self->second != NULL)
    clove_stream_release (g_steal_pointer (&self->second));
}

static void
drop_fallback (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->fallback_due);
  if (self->fallback != NULL)
    clove_stream_release (g_steal_pointer (&self->fallback));
}

static void
drop_streams (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->lost);
  drop_second (self);
  drop_fallback (self);
  if (self->stream != NULL)
    clove_stream_release (g_steal_pointer (&self->stream));
  g_clear_object (&self->circuit);
}

static void
let_go (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->wake);
  clove_timer_stop (&self->give_up);
  self->on_progress = NULL;
  self->is_postponed = FALSE;
  report (self, CLOVE_OUTCOME_CANCELLED, NULL);
  drop_streams (self);
}

static void
tell (CloveCircuitExchange *self)
{
  if (self->on_progress != NULL)
    self->on_progress (CLOVE_EXCHANGE (self), self->user_data);
}

static void
fail (CloveCircuitExchange *self, CloveBackendError code, const char *message)
{
  self->is_postponed = FALSE;
  if (self->error == NULL)
    self->error = g_error_new_literal (CLOVE_BACKEND_ERROR, (gint) code, message);
}

/* Whether the reader must wait, so that the request can still be repeated. */
static gboolean
is_held_back (CloveCircuitExchange *self)
{
  if (self->is_shown)
    return FALSE;
  if (self->error != NULL)
    return !self->is_broken_off; /* a page that tells why is better than a torn one */
  return self->n_repeats_left > 0 && !clove_stream_has_ended (self->stream, NULL) &&
         clove_stream_get_reply_size (self->stream) <= MAX_HELD_SIZE;
}

/* What the keeper makes of a failure that the stream met with. */
static CloveOutcome
outcome_of (const GError *error)
{
  switch ((CloveCircuitError) error->code) {
    case CLOVE_CIRCUIT_ERROR_SITE:
      return CLOVE_OUTCOME_SITE_ERROR;
    case CLOVE_CIRCUIT_ERROR_TOO_LARGE:
    case CLOVE_CIRCUIT_ERROR_OVERFLOW:
    case CLOVE_CIRCUIT_ERROR_CLOSED:
      return CLOVE_OUTCOME_CANCELLED;
    case CLOVE_CIRCUIT_ERROR_MALFORMED:
    case CLOVE_CIRCUIT_ERROR_HANDSHAKE:
    case CLOVE_CIRCUIT_ERROR_REFUSED:
    case CLOVE_CIRCUIT_ERROR_TIMED_OUT:
    case CLOVE_CIRCUIT_ERROR_STALLED:
    case CLOVE_CIRCUIT_ERROR_SEND:
    default:
      return CLOVE_OUTCOME_FAILURE;
  }
}

/* Whether to send the request again instead of failing. */
static gboolean
can_repeat (CloveCircuitExchange *self, const GError *error)
{
  if (self->may_break_off &&
      g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED))
    return FALSE;
  return self->n_repeats_left > 0 && !self->is_shown &&
         (outcome_of (error) == CLOVE_OUTCOME_FAILURE ||
          g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_CLOSED));
}

/* A piece that is lost while the exit answers others is lost on the way, and blames nobody; nor
 * does a first piece that broke off, since what came of it did come from the exit. */
static CloveOutcome
judge_failure (CloveCircuitExchange *self, const GError *error)
{
  CloveOutcome outcome = outcome_of (error);

  if ((self->is_piece || self->is_broken_off) && outcome == CLOVE_OUTCOME_FAILURE &&
      clove_circuit_get_last_proof_us (self->circuit) > self->sent_us)
    return CLOVE_OUTCOME_CANCELLED;
  return outcome;
}

static void
take_failure (CloveCircuitExchange *self, const GError *error)
{
  CloveBackendError code = backend_code (error);
  gboolean is_damaged =
    g_error_matches (error, CLOVE_CIRCUIT_ERROR, CLOVE_CIRCUIT_ERROR_STALLED);
  g_autofree char *message = g_strdup (error->message);
  gboolean repeats = can_repeat (self, error);

  /* The keeper may find the circuit dead by this and replace it, so all is decided before. */
  self->is_postponed = repeats;
  self->is_broken_off = is_damaged && self->may_break_off;
  if (!repeats)
    fail (self, code, message);
  report (self, judge_failure (self, error), message);
  if (!self->is_postponed)
    return;
  /* With strikes recorded, a probe or a rebuild is under way, and its end is told. */
  if (is_damaged || clove_keeper_get_strikes (self->keeper) == 0 ||
      !clove_keeper_is_current (self->keeper, &self->ticket))
    attempt (self);
}

/* The second of two is answered first, or the only one left: it takes the place of the first. */
static void
prefer_second (CloveCircuitExchange *self)
{
  clove_stream_release (self->stream);
  self->stream = g_steal_pointer (&self->second);
}

/* Whether the exit itself answered, since it could not ask the site. */
static gboolean
is_by_exit (CloveStream *stream)
{
  gsize size = 0;
  const guint8 *data = clove_stream_peek (stream, &size);

  return data != NULL && clove_stream_has_ended (stream, NULL) &&
         clove_http_response_is_by_exit (data, size);
}

/* The first of two got the exit's own page, which waits for what becomes of the other. No third is
 * sent: a site that is down is asked often enough. */
static void
keep_as_fallback (CloveCircuitExchange *self)
{
  gint64 left_us = self->begun_us + LAST_CALL_US - clove_clock_now_us (self->clock);

  clove_timer_stop (&self->lost);
  self->fallback = g_steal_pointer (&self->stream);
  self->stream = g_steal_pointer (&self->second);
  clove_timer_start (&self->fallback_due, CLAMP (left_us, 0, FALLBACK_US));
}

/* Nothing better will come than the exit's own page. */
static void
use_fallback (CloveCircuitExchange *self)
{
  clove_timer_stop (&self->fallback_due);
  clove_stream_release (self->stream);
  self->stream = g_steal_pointer (&self->fallback);
}

static void
on_fallback_due (gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);

  use_fallback (self);
  report (self, CLOVE_OUTCOME_PAGE, NULL);
  tell (self);
}

/* @stream, one of two attempts, ended without the site's reply. Returns: whether the other had done
 * so already, so that the request has ended, too. */
static gboolean
give_way (CloveCircuitExchange *self, CloveStream *stream, gboolean has_failed)
{
  if (self->fallback != NULL) {
    use_fallback (self);
    return TRUE;
  }
  if (stream == self->second) {
    self->second = self->stream;
    self->stream = stream;
  }
  if (has_failed)
    prefer_second (self);
  else
    keep_as_fallback (self);
  return FALSE;
}

/* Two attempts run beside each other, or one does and the other was given up. Returns: whether the
 * first, if need be after they changed places, is the one that counts. */
static gboolean
choose (CloveCircuitExchange *self, CloveStream *stream)
{
  const GError *error = NULL;
  gboolean has_failed = clove_stream_has_ended (stream, &error) && error != NULL;

  if (has_failed || is_by_exit (stream))
    return give_way (self, stream, has_failed);
  if (clove_stream_get_reply_size (stream) < 0 && !clove_stream_has_ended (stream, NULL))
    return FALSE;
  if (stream == self->second)
    prefer_second (self);
  drop_second (self);
  drop_fallback (self);
  return TRUE;
}

static void
on_stream_progress (CloveStream *stream, gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);
  const GError *error = NULL;

  if ((self->second != NULL || self->fallback != NULL) && !choose (self, stream))
    return;
  if (clove_stream_has_ended (self->stream, &error)) {
    if (error != NULL)
      take_failure (self, error);
    else
      report (self, CLOVE_OUTCOME_PAGE, NULL);
  }
  if (!self->is_postponed)
    tell (self);
}

static void
wait_for_sign (CloveCircuitExchange *self)
{
  gint64 wait_us =
    CLAMP (16 * clove_circuit_get_rtt_us (self->circuit), MIN_LOST_US, MAX_LOST_US);

  clove_timer_start (&self->lost, wait_us << self->n_copies);
}

static void
on_lost (gpointer user_data)
{
  CloveCircuitExchange *self = user_data;

  if (self->stream == NULL || self->n_repeats_left == 0 ||
      clove_stream_get_reply_size (self->stream) >= 0)
    return;
  if (!clove_keeper_is_current (self->keeper, &self->ticket)) {
    /* It went to the standby circuit, which is not watched while the live one does well. */
    clove_circuit_exchange_move (self);
    return;
  }
  if (clove_keeper_get_strikes (self->keeper) > 0) {
    /* Whether the circuit is dead is the keeper's business: it tells requests to move. */
    wait_for_sign (self);
    return;
  }
  /* The first may be on its way still; of copies, the last one is as good as any. */
  drop_second (self);
  self->second = clove_circuit_take_stream (self->circuit, self->host);
  clove_stream_request (self->second, self->request, on_stream_progress, self);
  if (++self->n_copies < MAX_COPIES)
    wait_for_sign (self);
}

static void
on_give_up (gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);

  /* What runs may end well; but nothing is begun again. */
  self->n_repeats_left = 0;
  if (!self->is_postponed)
    return;
  fail (self, CLOVE_BACKEND_ERROR_TIMEOUT, "no circuit could be had in time");
  tell (self);
}

static void
on_wake (gpointer user_data)
{
  g_autoptr (CloveCircuitExchange) self = g_object_ref (user_data);

  tell (self);
}

/* Sends the request over the live circuit: the first time, or again. */
static void
attempt (CloveCircuitExchange *self)
{
  CloveCircuit *circuit = NULL;

  if (self->is_postponed && !self->is_piece)
    self->n_repeats_left--;
  self->is_postponed = FALSE;
  drop_streams (self);
  circuit = clove_keeper_begin_request (self->keeper, &self->ticket);
  if (circuit == NULL && self->is_piece) {
    self->is_postponed = TRUE;
    return;
  }
  if (circuit == NULL) {
    fail (self, CLOVE_BACKEND_ERROR_NOT_READY, "there is no circuit yet");
    clove_timer_start (&self->wake, 0);
    return;
  }
  self->has_ticket = TRUE;
  self->sent_us = clove_clock_now_us (self->clock);
  self->n_copies = 0;
  self->circuit = g_object_ref (circuit);
  self->stream = clove_circuit_take_stream (circuit, self->host);
  clove_stream_request (self->stream, self->request, on_stream_progress, self);
  if (self->is_safe)
    wait_for_sign (self);
}

static const guint8 *
clove_circuit_exchange_peek (CloveExchange *exchange, gsize *size_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);
  const guint8 *data = NULL;

  *size_out = 0;
  if (self->stream == NULL || is_held_back (self))
    return NULL;
  data = clove_stream_peek (self->stream, size_out);
  self->is_shown |= *size_out > 0;
  return data;
}

static void
clove_circuit_exchange_consume (CloveExchange *exchange, gsize size)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (self->stream != NULL)
    clove_stream_consume (self->stream, size);
}

static const guint8 *
clove_circuit_exchange_peek_beyond (CloveExchange *exchange,
                                    gsize from,
                                    gsize *offset_out,
                                    gsize *size_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (self->stream == NULL || is_held_back (self))
    return NULL;
  return clove_stream_peek_beyond (self->stream, from, offset_out, size_out);
}

static gint64
clove_circuit_exchange_get_reply_size (CloveExchange *exchange)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  return self->stream != NULL ? clove_stream_get_reply_size (self->stream) : -1;
}

static gboolean
clove_circuit_exchange_has_ended (CloveExchange *exchange, const GError **error_out)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (error_out != NULL)
    *error_out = self->error;
  return self->error != NULL ||
         (!self->is_postponed &&
          (self->stream == NULL || clove_stream_has_ended (self->stream, NULL)));
}

static void
clove_circuit_exchange_cancel (CloveExchange *exchange)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (exchange);

  if (!clove_circuit_exchange_has_ended (exchange, NULL))
    fail (self, CLOVE_BACKEND_ERROR_CANCELLED, "request was cancelled");
  let_go (self);
}

static void
clove_circuit_exchange_dispose (GObject *object)
{
  CloveCircuitExchange *self = CLOVE_CIRCUIT_EXCHANGE (object);

  let_go (self);
  g_clear_error (&self->error);
  g_clear_pointer (&self->request, g_bytes_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->clock, clove_clock_unref);
  g_clear_object (&self->keeper);

  G_OBJECT_CLASS (clove_circuit_exchange_parent_class)->dispose (object);
}

static void
clove_circuit_exchange_class_init (CloveCircuitExchangeClass *klass)
{
  CloveExchangeClass *exchange_class = CLOVE_EXCHANGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_circuit_exchange_dispose;
  exchange_class->peek = clove_circuit_exchange_peek;
  exchange_class->consume = clove_circuit_exchange_consume;
  exchange_class->peek_beyond = clove_circuit_exchange_peek_beyond;
  exchange_class->get_reply_size = clove_circuit_exchange_get_reply_size;
  exchange_class->has_ended = clove_circuit_exchange_has_ended;
  exchange_class->cancel = clove_circuit_exchange_cancel;
}

static void
clove_circuit_exchange_init (CloveCircuitExchange *self)
{
}

/**
 * clove_circuit_exchange_new:
 * @options: what to send, and over whose circuits
 * @on_progress: as of clove_backend_send()
 * @user_data: for @on_progress
 *
 * Returns: (transfer full): an exchange that was sent, if there is a circuit
 */
CloveCircuitExchange *
clove_circuit_exchange_new (const CloveCircuitExchangeOptions *options,
                            CloveExchangeFunc on_progress,
                            gpointer user_data)
{
  CloveCircuitExchange *self = g_object_new (CLOVE_TYPE_CIRCUIT_EXCHANGE, NULL);

  self->keeper = g_object_ref (options->keeper);
  self->clock = clove_clock_ref (options->clock);
  self->host = g_strdup (options->host);
  self->request = g_bytes_ref (options->request);
  self->is_safe = options->is_safe;
  self->may_break_off = options->may_break_off;
  self->is_piece = options->is_piece;
  self->n_repeats_left = options->is_safe ? MAX_REPEATS : 0;
  self->begun_us = clove_clock_now_us (options->clock);
  self->on_progress = on_progress;
  self->user_data = user_data;
  clove_timer_init (&self->wake, options->clock, on_wake, self);
  clove_timer_init (&self->lost, options->clock, on_lost, self);
  clove_timer_init (&self->fallback_due, options->clock, on_fallback_due, self);
  clove_timer_init (&self->give_up, options->clock, on_give_up, self);
  if (options->is_safe || options->is_piece)
    clove_timer_start_coarse (&self->give_up, PATIENCE_US);
  attempt (self);
  return self;
}

static void
move_whole (CloveCircuitExchange *self)
{
  gboolean is_waiting =
    self->is_postponed ||
    (self->has_ticket && self->n_repeats_left > 0 && !self->is_shown && self->error == NULL &&
     !clove_keeper_is_current (self->keeper, &self->ticket));

  if (!is_waiting)
    return;
  self->is_postponed = TRUE;
  report (self, CLOVE_OUTCOME_CANCELLED, NULL);
  attempt (self);
}

/* What may be lost is given back at once, to be asked for on the other circuit as far as it did not
 * come. */
static void
give_back (CloveCircuitExchange *self)
{
  if (self->is_postponed) {
    attempt (self);
    return;
  }
  if (!self->has_ticket || clove_keeper_is_current (self->keeper, &self->ticket))
    return;
  fail (self, CLOVE_BACKEND_ERROR_CIRCUIT, "requests take another circuit");
  report (self, CLOVE_OUTCOME_CANCELLED, NULL);
  clove_timer_start (&self->wake, 0);
}

/** clove_circuit_exchange_move: Requests take another circuit now; go there if that is possible. */
void
clove_circuit_exchange_move (CloveCircuitExchange *self)
{
  if (self->is_piece)
    give_back (self);
  else
    move_whole (self);
}

/** clove_circuit_exchange_resume: The circuit answers again: send what was lost meanwhile. */
void
clove_circuit_exchange_resume (CloveCircuitExchange *self)
{
  if (self->is_postponed)
    attempt (self);
}
