/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-request-log.h"

#include "clove-snapshot.h"

struct _CloveRequestLog {
  CloveClock *clock; /* owned */
  GQueue requests;   /* of CloveSnapshotRequest, owned; oldest first */
  guint64 n_requests;
  GPtrArray *list; /* what was handed out last; NULL when there is something new */
  gboolean is_on;
};

/** clove_request_log_new: (transfer full): Make an empty log, switched off. */
CloveRequestLog *
clove_request_log_new (CloveClock *clock)
{
  CloveRequestLog *self = g_new0 (CloveRequestLog, 1);

  self->clock = clove_clock_ref (clock);
  g_queue_init (&self->requests);
  return self;
}

static void
forget_all (CloveRequestLog *self)
{
  g_queue_clear_full (&self->requests, (GDestroyNotify) clove_snapshot_request_unref);
  g_clear_pointer (&self->list, g_ptr_array_unref);
}

/** clove_request_log_free: (nullable): Free; lists that were handed out stay. */
void
clove_request_log_free (CloveRequestLog *self)
{
  if (self == NULL)
    return;
  forget_all (self);
  clove_clock_unref (self->clock);
  g_free (self);
}

/** clove_request_log_set_on: Switch the log on or off; off, it forgets everything. */
void
clove_request_log_set_on (CloveRequestLog *self, gboolean is_on)
{
  self->is_on = is_on;
  if (!is_on)
    forget_all (self);
}

/** clove_request_log_add: Take note of a request that has ended, if switched on. */
void
clove_request_log_add (CloveRequestLog *self, const CloveRequestRecord *record)
{
  CloveSnapshotRequest *request = NULL;

  if (!self->is_on)
    return;
  request = clove_snapshot_request_new (record->host, record->method);
  request->serial = ++self->n_requests;
  request->time_s = clove_clock_wall_s (self->clock);
  request->status = record->status;
  request->body_size = record->body_size;
  request->duration_us = record->duration_us;
  request->is_complete = record->is_complete;
  g_queue_push_tail (&self->requests, request);
  if (g_queue_get_length (&self->requests) > CLOVE_REQUEST_LOG_MAX)
    clove_snapshot_request_unref (g_queue_pop_head (&self->requests));
  g_clear_pointer (&self->list, g_ptr_array_unref);
}

/** clove_request_log_list: (transfer full): Get the requests, oldest first; not to be changed. */
GPtrArray *
clove_request_log_list (CloveRequestLog *self)
{
  if (self->list == NULL) {
    self->list =
      g_ptr_array_new_with_free_func ((GDestroyNotify) clove_snapshot_request_unref);
    for (GList *link = self->requests.head; link != NULL; link = link->next)
      g_ptr_array_add (self->list, clove_snapshot_request_ref (link->data));
  }
  return g_ptr_array_ref (self->list);
}
