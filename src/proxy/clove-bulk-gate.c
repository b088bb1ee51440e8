/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-bulk-gate.h"

/* Small pages need not wait until pieces that fill the window have come: by a part of it more may
 * be under way for their sake. */
#define SHARE_BESIDE 4

/* What one host has of the gate. */
struct _CloveBulkShare {
  char *host;
  guint n_unanswered;
  GQueue waiting; /* claims, by their links */
  GList link;     /* in the turns while somebody waits */
};

static void
share_free (gpointer data)
{
  CloveBulkShare *share = data;

  g_free (share->host);
  g_free (share);
}

static CloveBulkShare *
find_share (CloveBulkGate *self, const char *host)
{
  CloveBulkShare *share = g_hash_table_lookup (self->shares, host);

  if (share != NULL)
    return share;
  share = g_new0 (CloveBulkShare, 1);
  share->host = g_strdup (host);
  share->link.data = share;
  g_hash_table_insert (self->shares, share->host, share);
  return share;
}

static void
leave_share (CloveBulkClaim *claim)
{
  CloveBulkShare *share = g_steal_pointer (&claim->share);

  if (share->n_unanswered == 0 && share->waiting.head == NULL)
    g_hash_table_remove (claim->gate->shares, share->host);
}

static void
on_room (gpointer user_data)
{
  CloveBulkGate *self = user_data;

  self->on_room (self->user_data);
}

static gint64
when_to_lapse_us (const CloveBulkClaim *claim)
{
  return claim->granted_us + CLOVE_BULK_LAPSE_US;
}

static void
uncount (CloveBulkClaim *claim)
{
  CloveBulkGate *self = claim->gate;

  self->counted -= claim->counted;
  self->excess -= claim->excess;
  clove_bulk_window_note_dropped (self->window, claim->counted);
  claim->counted = 0;
  claim->excess = 0;
}

/* Takes the claim out of those that wait for an answer. */
static void
stop_watching (CloveBulkClaim *claim)
{
  CloveBulkGate *self = claim->gate;

  if (claim->share == NULL || claim->is_waiting)
    return;
  g_queue_unlink (&self->unanswered, &claim->link);
  if (self->unanswered.head == NULL)
    clove_timer_stop (&self->lapse);
  claim->share->n_unanswered--;
  leave_share (claim);
}

/* The timer is not moved for each claim that is answered: it fires too early once at most. */
static void
on_lapse (gpointer user_data)
{
  CloveBulkGate *self = user_data;
  gint64 now_us = clove_clock_now_us (self->clock);
  CloveBulkClaim *oldest = NULL;

  while ((oldest = g_queue_peek_head (&self->unanswered)) != NULL &&
         when_to_lapse_us (oldest) <= now_us) {
    stop_watching (oldest);
    uncount (oldest);
  }
  if (oldest != NULL)
    clove_timer_start_coarse (&self->lapse, when_to_lapse_us (oldest) - now_us);
  clove_bulk_gate_tell_room (self);
}

/**
 * clove_bulk_gate_init:
 * @self: a gate
 * @window: what must have room; outlives it
 * @hosts: what is known of sites; outlives it
 * @clock: time and timers
 * @on_room: called from the main loop when claims have been dropped or have lapsed
 * @user_data: for @on_room
 */
void
clove_bulk_gate_init (CloveBulkGate *self,
                      CloveBulkWindow *window,
                      CloveBulkHosts *hosts,
                      CloveClock *clock,
                      CloveBulkGateFunc on_room_func,
                      gpointer user_data)
{
  *self = (CloveBulkGate){
    .window = window,
    .hosts = hosts,
    .on_room = on_room_func,
    .user_data = user_data,
    .clock = clock,
  };
  self->shares = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, share_free);
  clove_timer_init (&self->lapse, clock, on_lapse, self);
  clove_timer_init (&self->room, clock, on_room, self);
}

/** clove_bulk_gate_clear: Free what it holds; everybody has let go. */
void
clove_bulk_gate_clear (CloveBulkGate *self)
{
  g_return_if_fail (self->n_waiting == 0 && self->unanswered.head == NULL);

  clove_timer_stop (&self->lapse);
  clove_timer_stop (&self->room);
  g_clear_pointer (&self->shares, g_hash_table_unref);
}

/** clove_bulk_gate_get_n_waiting: Get how many claims wait. */
guint
clove_bulk_gate_get_n_waiting (const CloveBulkGate *self)
{
  return self->n_waiting;
}

/** clove_bulk_gate_get_counted: Get how much of what is under way in the window is of claims. */
gsize
clove_bulk_gate_get_counted (const CloveBulkGate *self)
{
  return self->counted;
}

/** clove_bulk_gate_get_excess: Get by how much more than what is counted may come. */
gsize
clove_bulk_gate_get_excess (const CloveBulkGate *self)
{
  return self->excess;
}

/** clove_bulk_gate_tell_room: Have @on_room called soon, not from inside this. */
void
clove_bulk_gate_tell_room (CloveBulkGate *self)
{
  if (!clove_timer_is_running (&self->room))
    clove_timer_start (&self->room, 0);
}

static gsize
likely_size_of (const CloveBulkClaim *claim)
{
  gsize size = 0;

  if (claim->has_body)
    size = clove_bulk_hosts_get_reply_size (claim->gate->hosts, claim->host);
  if (claim->has_body && size == 0)
    size = CLOVE_BULK_UNKNOWN_REPLY;
  return MAX (claim->request_size + size, CLOVE_BULK_SMALLEST_REPLY);
}

/* Whether to find out first how large this site's replies are. */
static gboolean
is_host_full (const CloveBulkGate *self, const CloveBulkShare *share)
{
  return share->n_unanswered >= CLOVE_BULK_MAX_UNKNOWN &&
         clove_bulk_hosts_get_reply_size (self->hosts, share->host) == 0;
}

static gboolean
has_room (const CloveBulkGate *self, gsize size)
{
  gsize limit = clove_bulk_window_get_limit (self->window);
  gsize in_flight = clove_bulk_window_get_in_flight (self->window);

  if (self->counted == 0)
    return TRUE;
  return self->counted + size <= limit && in_flight + size <= limit + limit / SHARE_BESIDE;
}

static void
grant (CloveBulkClaim *claim)
{
  CloveBulkGate *self = claim->gate;

  claim->counted = likely_size_of (claim);
  claim->granted_us = clove_clock_now_us (self->clock);
  self->counted += claim->counted;
  clove_bulk_window_note_sent (self->window, claim->counted);
  claim->share->n_unanswered++;
  g_queue_push_tail_link (&self->unanswered, &claim->link);
  if (!clove_timer_is_running (&self->lapse))
    clove_timer_start_coarse (&self->lapse, CLOVE_BULK_LAPSE_US);
}

static void
start_waiting (CloveBulkClaim *claim)
{
  CloveBulkShare *share = claim->share;

  if (share->waiting.head == NULL)
    g_queue_push_tail_link (&claim->gate->turns, &share->link);
  g_queue_push_tail_link (&share->waiting, &claim->link);
  claim->is_waiting = TRUE;
  claim->gate->n_waiting++;
}

/* Takes the claim out of those that wait, and its host out of the turns if it was the last. */
static void
stop_waiting (CloveBulkClaim *claim)
{
  CloveBulkShare *share = claim->share;

  g_return_if_fail (share != NULL);

  claim->is_waiting = FALSE;
  claim->gate->n_waiting--;
  g_queue_unlink (&share->waiting, &claim->link);
  if (share->waiting.head == NULL)
    g_queue_unlink (&claim->gate->turns, &share->link);
}

/* Returns: (nullable): the share whose turn it is */
static CloveBulkShare *
choose_share (CloveBulkGate *self)
{
  for (GList *link = self->turns.head; link != NULL; link = link->next) {
    if (!is_host_full (self, link->data))
      return link->data;
  }
  return NULL;
}

/** clove_bulk_gate_open: Let go who waits, as far as there is room. */
void
clove_bulk_gate_open (CloveBulkGate *self)
{
  CloveBulkShare *share = NULL;

  while ((share = choose_share (self)) != NULL) {
    CloveBulkClaim *claim = g_queue_peek_head (&share->waiting);

    /* Who needs much is not passed by, or it would wait for ever. */
    if (!has_room (self, likely_size_of (claim)))
      return;
    stop_waiting (claim);
    grant (claim);
    if (share->waiting.head != NULL) {
      g_queue_unlink (&self->turns, &share->link);
      g_queue_push_tail_link (&self->turns, &share->link);
    }
    claim->on_granted (claim->user_data);
  }
}

/**
 * clove_bulk_claim_init:
 * @self: a claim
 * @gate: outlives it
 * @on_granted: called from clove_bulk_gate_open() when the wait is over
 * @user_data: for @on_granted
 */
void
clove_bulk_claim_init (CloveBulkClaim *self,
                       CloveBulkGate *gate,
                       CloveBulkGateFunc on_granted,
                       gpointer user_data)
{
  *self = (CloveBulkClaim){ .gate = gate, .on_granted = on_granted, .user_data = user_data };
  self->link.data = self;
}

/**
 * clove_bulk_claim_take:
 * @self: a claim that neither waits nor was let go
 * @host: whom the request is for; the owner's as long as the claim
 * @request_size: its size, since relays carry that, too
 * @has_body: whether its reply may have a body
 *
 * Returns: %TRUE if the request may go; %FALSE if it waits now
 */
gboolean
clove_bulk_claim_take (CloveBulkClaim *self,
                       const char *host,
                       gsize request_size,
                       gboolean has_body)
{
  CloveBulkGate *gate = self->gate;

  g_return_val_if_fail (self->host == NULL, !self->is_waiting);

  self->host = host;
  self->has_body = has_body;
  self->is_answered = FALSE;
  self->request_size = request_size;
  self->share = find_share (gate, host);
  if (gate->n_waiting == 0 && !is_host_full (gate, self->share) &&
      has_room (gate, likely_size_of (self))) {
    grant (self);
    return TRUE;
  }
  start_waiting (self);
  return FALSE;
}

static void
tell_who_waits (CloveBulkGate *gate)
{
  if (gate->n_waiting > 0)
    clove_bulk_gate_tell_room (gate);
}

/** clove_bulk_claim_choose_first_size: It was let go: get how many bytes to ask for. */
gsize
clove_bulk_claim_choose_first_size (CloveBulkClaim *self)
{
  CloveBulkGate *gate = self->gate;
  gsize likely = clove_bulk_hosts_get_reply_size (gate->hosts, self->host);
  /* Itself is counted already. */
  gsize excess = gate->excess - MIN (gate->excess, self->counted);
  gsize size = clove_bulk_window_get_first_size (gate->window, likely, excess);

  self->excess = size - MIN (size, self->counted);
  gate->excess += self->excess;
  return size;
}

/** clove_bulk_claim_is_answered: Tell whether its reply is known to have begun. */
gboolean
clove_bulk_claim_is_answered (const CloveBulkClaim *self)
{
  return self->is_answered;
}

/** clove_bulk_claim_answer: Its reply has begun: count it as what it is. */
void
clove_bulk_claim_answer (CloveBulkClaim *self, gsize reply_size)
{
  CloveBulkGate *gate = self->gate;
  gsize size = MAX (reply_size, CLOVE_BULK_SMALLEST_REPLY);
  gboolean was_unknown = clove_bulk_hosts_get_reply_size (gate->hosts, self->host) == 0;
  gboolean makes_room = size < self->counted || was_unknown;

  if (self->has_body)
    clove_bulk_hosts_note_reply (gate->hosts, self->host, reply_size);
  self->is_answered = TRUE;
  stop_watching (self);
  uncount (self);
  self->counted = size;
  gate->counted += size;
  clove_bulk_window_note_sent (gate->window, size);
  if (makes_room)
    tell_who_waits (gate);
}

/** clove_bulk_claim_hand_over: Let go; whoever takes it over counts what is returned. */
gsize
clove_bulk_claim_hand_over (CloveBulkClaim *self)
{
  gsize counted = self->counted;

  stop_watching (self);
  self->gate->counted -= counted;
  self->gate->excess -= self->excess;
  self->counted = 0;
  self->excess = 0;
  self->host = NULL;
  return counted;
}

/** clove_bulk_claim_arrive: Its whole reply came. */
void
clove_bulk_claim_arrive (CloveBulkClaim *self)
{
  /* As long as nobody waits the window is not full, and nothing is learned of what it bears. */
  if (self->host != NULL && self->gate->n_waiting > 0)
    clove_bulk_window_note_first_arrived (self->gate->window, clove_bulk_claim_hand_over (self));
  clove_bulk_claim_drop (self);
}

/** clove_bulk_claim_lose: Its reply was lost. */
void
clove_bulk_claim_lose (CloveBulkClaim *self)
{
  gsize counted = clove_bulk_claim_hand_over (self);

  clove_bulk_window_note_lost (self->gate->window, counted, counted, self->granted_us,
                               clove_clock_now_us (self->gate->clock));
  clove_bulk_claim_drop (self);
}

/** clove_bulk_claim_drop: It is not waited for any more; does nothing to one that is idle. */
void
clove_bulk_claim_drop (CloveBulkClaim *self)
{
  if (self->is_waiting) {
    stop_waiting (self);
    leave_share (self);
  }
  stop_watching (self);
  uncount (self);
  self->host = NULL;
  tell_who_waits (self->gate);
}
