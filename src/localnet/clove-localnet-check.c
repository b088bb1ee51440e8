/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks every relay for a sign of life on both its ports, as a client and as another relay would:
 * a channel and relay.ping by ADNL, a control ping at the tunnel port.
 */
#include "config.h"

#include "clove-localnet-check.h"

#include "clove-adnl-endpoint.h"
#include "clove-local-relay.h"
#include "clove-relay-message.h"
#include "clove-tunnel-packet.h"
#include "clove-udp.h"

#include <sodium.h>
#include <string.h>

#define PING_INTERVAL_US  (100 * G_TIME_SPAN_MILLISECOND)
#define MAX_MESSAGE_SIZE  64
#define MAX_DATAGRAM_SIZE 2048

typedef struct {
  CloveLocalRelay *relay; /* owned */
  CloveAdnlSession *session;
  guint8 id[CLOVE_INT256_SIZE]; /* of the control ping */
  gboolean has_answered_query;
  gboolean has_answered_ping;
} Probe;

typedef struct {
  CloveAdnlEndpoint *endpoint;
  CloveUdp *udp;
  Probe *probes;
  guint n_probes;
  CloveTimer ping_again;
  CloveTimer deadline;
  gboolean is_done;
} Check;

/* An answer that a probe waits for; keeps the task alive. */
typedef struct {
  GTask *task;
  Probe *probe;
} Wait;

static void
check_free (gpointer user_data)
{
  Check *check = user_data;

  for (guint i = 0; i < check->n_probes; i++) {
    g_clear_object (&check->probes[i].session);
    g_clear_object (&check->probes[i].relay);
  }
  g_free (check->probes);
  g_clear_object (&check->endpoint);
  g_clear_pointer (&check->udp, clove_udp_free);
  g_free (check);
}

static Wait *
wait_new (GTask *task, Probe *probe)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->task = g_object_ref (task);
  wait->probe = probe;
  return wait;
}

static void
wait_free (Wait *wait)
{
  g_object_unref (wait->task);
  g_free (wait);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wait, wait_free)

/* Ends the check with @error (transfer full, nullable); only the first end counts. */
static void
end (GTask *task, GError *error)
{
  Check *check = g_task_get_task_data (task);

  if (check->is_done) {
    g_clear_error (&error);
    return;
  }
  check->is_done = TRUE;
  clove_timer_stop (&check->ping_again);
  clove_timer_stop (&check->deadline);
  clove_adnl_endpoint_close (check->endpoint);
  g_clear_pointer (&check->udp, clove_udp_free);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  /* The reference that the timers had. */
  g_object_unref (task);
}

static void
end_if_all_answered (GTask *task)
{
  Check *check = g_task_get_task_data (task);

  for (guint i = 0; i < check->n_probes; i++)
    if (!check->probes[i].has_answered_query || !check->probes[i].has_answered_ping)
      return;
  end (task, NULL);
}

static void
fail_probe (GTask *task, const Probe *probe, GError *error)
{
  g_prefix_error (&error, "%s does not answer: ", clove_local_relay_get_name (probe->relay));
  end (task, error);
}

static void
on_query_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Wait) wait = user_data;
  GError *error = NULL;
  g_autoptr (GBytes) answer =
    clove_adnl_session_query_finish (CLOVE_ADNL_SESSION (source), result, &error);
  CloveRelayMessage message = { 0 };
  gsize size = 0;
  const guint8 *data = answer != NULL ? g_bytes_get_data (answer, &size) : NULL;

  if (data == NULL || !clove_relay_message_parse (&message, data, size, &error)) {
    fail_probe (wait->task, wait->probe, error);
  } else if (message.type != CLOVE_RELAY_MESSAGE_PONG) {
    fail_probe (wait->task, wait->probe,
                g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "got relay.%s",
                             clove_relay_message_type_name (message.type)));
  } else {
    wait->probe->has_answered_query = TRUE;
    end_if_all_answered (wait->task);
  }
}

static void
on_session_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Wait) wait = user_data;
  CloveAdnlSession *session = CLOVE_ADNL_SESSION (source);
  Check *check = g_task_get_task_data (wait->task);
  CloveRelayMessage ping = { .type = CLOVE_RELAY_MESSAGE_PING, .value = 1 };
  CloveAdnlQueryPolicy policy = { .resend_after_us = PING_INTERVAL_US, .max_resends = 3 };
  guint8 buffer[MAX_MESSAGE_SIZE];
  CloveWriter writer = { 0 };
  g_autoptr (GBytes) query = NULL;
  GError *error = NULL;

  if (!clove_adnl_session_open_finish (session, result, &error)) {
    fail_probe (wait->task, wait->probe, error);
    return;
  }
  policy.deadline_us = clove_timer_get_due_us (&check->deadline);
  clove_writer_init (&writer, buffer, sizeof buffer);
  clove_relay_message_write (&writer, &ping);
  query = g_bytes_new (buffer, clove_writer_get_size (&writer));
  clove_adnl_session_query_async (session, query, &policy, NULL, on_query_answered,
                                  g_steal_pointer (&wait));
}

static void
on_datagram (guint8 *data, gsize size, const CloveAddress *from, gpointer user_data)
{
  GTask *task = user_data;
  Check *check = g_task_get_task_data (task);
  const guint8 *id = NULL;

  if (clove_tunnel_control_parse (data, size, &id) != CLOVE_TUNNEL_CONTROL_PONG)
    return;
  for (guint i = 0; i < check->n_probes; i++)
    if (memcmp (check->probes[i].id, id, CLOVE_INT256_SIZE) == 0)
      check->probes[i].has_answered_ping = TRUE;
  end_if_all_answered (task);
}

static void
ping_tunnels (gpointer user_data)
{
  Check *check = g_task_get_task_data (user_data);
  guint8 ping[CLOVE_TUNNEL_CONTROL_SIZE];

  for (guint i = 0; i < check->n_probes; i++) {
    Probe *probe = &check->probes[i];
    CloveAddress address = *clove_local_relay_get_address (probe->relay);
    CloveWriter writer = { 0 };

    if (probe->has_answered_ping)
      continue;
    clove_address_set_port (&address, (guint16) (clove_address_get_port (&address) + 1));
    clove_writer_init (&writer, ping, sizeof ping);
    clove_tunnel_control_write (&writer, CLOVE_TUNNEL_CONTROL_PING, probe->id);
    clove_udp_send (check->udp, &address, ping, sizeof ping, NULL);
  }
  clove_timer_start (&check->ping_again, PING_INTERVAL_US);
}

static void
on_deadline (gpointer user_data)
{
  GTask *task = user_data;
  Check *check = g_task_get_task_data (task);

  for (guint i = 0; i < check->n_probes; i++) {
    const Probe *probe = &check->probes[i];

    if (probe->has_answered_query && probe->has_answered_ping)
      continue;
    end (task, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s does not answer at its %s port",
                            clove_local_relay_get_name (probe->relay),
                            probe->has_answered_query ? "tunnel" : "ADNL"));
    return;
  }
}

static gboolean
open_sockets (Check *check, GTask *task, CloveClock *clock, GError **error)
{
  CloveAddress any = { 0 };

  clove_address_init_loopback (&any, 0);
  check->endpoint = clove_adnl_endpoint_new (&any, clock, error);
  if (check->endpoint == NULL)
    return FALSE;
  check->udp = clove_udp_new (&any, MAX_DATAGRAM_SIZE, on_datagram, task, error);
  return check->udp != NULL;
}

static gboolean
start_probe (Check *check, GTask *task, Probe *probe, GError **error)
{
  randombytes_buf (probe->id, sizeof probe->id);
  probe->session =
    clove_adnl_endpoint_connect (check->endpoint, clove_local_relay_get_key (probe->relay),
                                 clove_local_relay_get_address (probe->relay), error);
  if (probe->session == NULL)
    return FALSE;
  clove_adnl_session_open_async (probe->session, clove_timer_get_due_us (&check->deadline), NULL,
                                 on_session_open, wait_new (task, probe));
  return TRUE;
}

/**
 * clove_localnet_check_async:
 * @relays: of #CloveLocalRelay
 * @clock: time and timers
 * @cancellable: (nullable): to lose interest; the check ends by itself
 * @callback: called when every relay has answered, or one has not
 * @user_data: for @callback
 *
 * Find out whether all relays are at work.
 */
void
clove_localnet_check_async (GPtrArray *relays,
                            CloveClock *clock,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, clove_localnet_check_async);
  g_task_set_task_data (task, check, check_free);
  check->n_probes = relays->len;
  check->probes = g_new0 (Probe, relays->len);
  for (guint i = 0; i < relays->len; i++)
    check->probes[i].relay = g_object_ref (g_ptr_array_index (relays, i));
  if (!open_sockets (check, task, clock, &error)) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  clove_timer_init (&check->deadline, clock, on_deadline, task);
  clove_timer_init (&check->ping_again, clock, ping_tunnels, task);
  clove_timer_start (&check->deadline, CLOVE_LOCALNET_CHECK_TIMEOUT_US);
  ping_tunnels (task);
  for (guint i = 0; i < check->n_probes && !check->is_done; i++)
    if (!start_probe (check, task, &check->probes[i], &error))
      fail_probe (task, &check->probes[i], g_steal_pointer (&error));
}

/** clove_localnet_check_finish: Tell whether every relay answered. */
gboolean
clove_localnet_check_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
