/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "clove-bulk-hosts.h"
#include "clove-bulk-window.h"
#include "clove-clock.h"

G_BEGIN_DECLS

/* What a request is counted as at least: what a small reply takes of a relay's buffer. */
#define CLOVE_BULK_SMALLEST_REPLY ((gsize) 2 * 1024)

/* What a reply is taken for before its site has sent any, and how many requests to such a site may
 * be under way. */
#define CLOVE_BULK_UNKNOWN_REPLY ((gsize) 4 * 1024)
#define CLOVE_BULK_MAX_UNKNOWN   8

/* A request that got no answer for so long is not counted any more: its site thinks, and when it
 * has done so its reply will come alone; or the reply was lost. */
#define CLOVE_BULK_LAPSE_US (1 * G_TIME_SPAN_SECOND)

typedef void (*CloveBulkGateFunc) (gpointer user_data);

/**
 * CloveBulkGate:
 *
 * Lets requests go of whose replies nobody knows the size, so many that what they are likely to
 * bring fits into the window. The others wait, in order for each host, and hosts take turns. One
 * may always be under way, and a few small ones are let go beside pieces that fill the window.
 * Belongs to the worker thread.
 */
typedef struct {
  /*< private >*/
  CloveBulkWindow *window;
  CloveBulkHosts *hosts;
  CloveBulkGateFunc on_room;
  gpointer user_data;
  gsize counted;      /* of what is under way in the window */
  gsize excess;       /* by so much more may come of what was asked for */
  GHashTable *shares; /* name to its share; only hosts whose claims wait or are unanswered */
  GQueue turns;       /* of the same those whose claims wait, by their links */
  guint n_waiting;
  GQueue unanswered; /* claims that were let go, the oldest first, by their links */
  CloveClock *clock;
  CloveTimer lapse;
  CloveTimer room; /* calls on_room */
} CloveBulkGate;

typedef struct _CloveBulkShare CloveBulkShare;

/**
 * CloveBulkClaim:
 *
 * One request's claim to be let go, embedded in its owner's struct.
 */
typedef struct {
  /*< private >*/
  CloveBulkGate *gate;
  CloveBulkGateFunc on_granted;
  gpointer user_data;
  const char *host; /* the owner's; NULL unless it waits or was let go */
  gsize request_size;
  gsize counted;
  gsize excess;
  gint64 granted_us;
  CloveBulkShare *share; /* while it waits or is unanswered */
  gboolean has_body;
  gboolean is_waiting;
  gboolean is_answered;
  GList link;
} CloveBulkClaim;

void clove_bulk_gate_init (CloveBulkGate *self,
                           CloveBulkWindow *window,
                           CloveBulkHosts *hosts,
                           CloveClock *clock,
                           CloveBulkGateFunc on_room,
                           gpointer user_data);
void clove_bulk_gate_clear (CloveBulkGate *self);
guint clove_bulk_gate_get_n_waiting (const CloveBulkGate *self);
gsize clove_bulk_gate_get_counted (const CloveBulkGate *self);
gsize clove_bulk_gate_get_excess (const CloveBulkGate *self);
void clove_bulk_gate_open (CloveBulkGate *self);
void clove_bulk_gate_tell_room (CloveBulkGate *self);

void clove_bulk_claim_init (CloveBulkClaim *self,
                            CloveBulkGate *gate,
                            CloveBulkGateFunc on_granted,
                            gpointer user_data);
gboolean clove_bulk_claim_take (CloveBulkClaim *self,
                                const char *host,
                                gsize request_size,
                                gboolean has_body) G_GNUC_WARN_UNUSED_RESULT;
gsize clove_bulk_claim_choose_first_size (CloveBulkClaim *self);
gboolean clove_bulk_claim_is_answered (const CloveBulkClaim *self);
void clove_bulk_claim_answer (CloveBulkClaim *self, gsize reply_size);
gsize clove_bulk_claim_hand_over (CloveBulkClaim *self);
void clove_bulk_claim_arrive (CloveBulkClaim *self);
void clove_bulk_claim_lose (CloveBulkClaim *self);
void clove_bulk_claim_drop (CloveBulkClaim *self);

G_END_DECLS
