/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-localnet.h"

#include "clove-localnet-check.h"
#include "clove-localnet-command.h"

#include <string.h>

/* Free ports are sought below those that the system gives to clients, so that the port of a killed
 * relay is still free when it is revived. */
/* 127.0.0.0/8 */
#define LOOPBACK_NETWORK 0x7f000000u

#define FIRST_PORT   20000
#define N_PORT_PAIRS 6000
#define MAX_TRIES    200

struct _CloveLocalnet {
  GObject parent_instance;

  /* Set at construction. */
  CloveLocalnetOptions options; /* without the origin */

  /* Owned. */
  CloveClock *clock;
  CloveOrigin *origin; /* nullable */
  GPtrArray *relays;   /* of CloveLocalRelay */
};

G_DEFINE_FINAL_TYPE (CloveLocalnet, clove_localnet, G_TYPE_OBJECT)

static void
clove_localnet_dispose (GObject *object)
{
  CloveLocalnet *self = CLOVE_LOCALNET (object);

  if (self->relays != NULL)
    clove_localnet_stop (self);
  g_clear_pointer (&self->relays, g_ptr_array_unref);
  g_clear_object (&self->origin);
  g_clear_pointer (&self->clock, clove_clock_unref);

  G_OBJECT_CLASS (clove_localnet_parent_class)->dispose (object);
}

static void
clove_localnet_class_init (CloveLocalnetClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_localnet_dispose;
}

static void
clove_localnet_init (CloveLocalnet *self)
{
  self->relays = g_ptr_array_new_with_free_func (g_object_unref);
}

static gboolean
check_options (const CloveLocalnetOptions *options, GError **error)
{
  if (options->n_relays < 1 || options->n_relays > CLOVE_LOCALNET_MAX_RELAYS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "the number of relays must be from 1 to %d", CLOVE_LOCALNET_MAX_RELAYS);
  else if (options->n_exits > options->n_relays)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "there cannot be %u exits among %u relays", options->n_exits, options->n_relays);
  else if (options->base_port != 0 && options->base_port + 2 * options->n_relays > G_MAXUINT16 + 1)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "%u relays do not fit above port %u", options->n_relays, options->base_port);
  else
    return TRUE;
  return FALSE;
}

/**
 * clove_localnet_new:
 * @options: what kind of network; copied
 * @clock: time and timers
 * @error: %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Returns: (transfer full) (nullable): a network that is not running yet
 */
CloveLocalnet *
clove_localnet_new (const CloveLocalnetOptions *options, CloveClock *clock, GError **error)
{
  CloveLocalnet *self = NULL;

  if (!check_options (options, error))
    return NULL;
  self = g_object_new (CLOVE_TYPE_LOCALNET, NULL);
  self->options = *options;
  self->options.origin = NULL;
  self->clock = clove_clock_ref (clock);
  self->origin = options->origin != NULL ? g_object_ref (options->origin) : NULL;
  return self;
}

static CloveLocalRelay *
build_relay (CloveLocalnet *self, guint n, guint16 port)
{
  g_autoptr (CloveAdnlIdentity) identity = clove_adnl_identity_new ();
  /* Dice of its own: what happens at one relay does not change what happens at another. */
  g_autoptr (CloveRandom) random = self->options.seed != 0
                                     ? clove_random_new_seeded (self->options.seed + n)
                                     : clove_random_new ();
  g_autofree char *name = g_strdup_printf ("relay%u", n + 1);
  CloveLocalRelayConfig config = {
    .name = name,
    .identity = identity,
    .clock = self->clock,
    .random = random,
    .origin = self->origin,
    .is_exit = n + self->options.n_exits >= self->options.n_relays,
    .plays_reference = self->options.plays_reference,
  };

  clove_address_init_loopback (&config.address, port);
  if (self->options.host != 0)
    config.address.v4.sin_addr.s_addr = htonl (LOOPBACK_NETWORK | (self->options.host & 0xffffff));
  return clove_local_relay_new (&config);
}

static CloveLocalRelay *
start_at_free_ports (CloveLocalnet *self, guint n, CloveRandom *random, GError **error)
{
  for (guint i = 0; i < MAX_TRIES; i++) {
    guint16 port = (guint16) (FIRST_PORT + 2 * clove_random_uniform (random, N_PORT_PAIRS));
    g_autoptr (CloveLocalRelay) relay = build_relay (self, n, port);

    g_clear_error (error);
    if (clove_local_relay_start (relay, error))
      return g_steal_pointer (&relay);
  }
  return NULL;
}

static gboolean
start_relays (CloveLocalnet *self, GError **error)
{
  /* Not from the seed: networks with the same one may run side by side. */
  g_autoptr (CloveRandom) random = clove_random_new ();

  for (guint i = 0; i < self->options.n_relays; i++) {
    g_autoptr (CloveLocalRelay) relay = NULL;

    if (self->options.base_port == 0) {
      relay = start_at_free_ports (self, i, random, error);
      if (relay == NULL)
        return FALSE;
    } else {
      relay = build_relay (self, i, (guint16) (self->options.base_port + 2 * i));
      if (!clove_local_relay_start (relay, error))
        return FALSE;
    }
    g_ptr_array_add (self->relays, g_steal_pointer (&relay));
  }
  return TRUE;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (clove_localnet_check_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * clove_localnet_start_async:
 * @self: a network
 * @cancellable: (nullable): to lose interest
 * @callback: called when every relay has answered, or one has not
 * @user_data: for @callback
 *
 * Open the relays' sockets, at once, and make sure that all answer.
 */
void
clove_localnet_start_async (CloveLocalnet *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (CLOVE_IS_LOCALNET (self));
  g_return_if_fail (self->relays->len == 0);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, clove_localnet_start_async);
  if (!start_relays (self, &error)) {
    clove_localnet_stop (self);
    g_ptr_array_set_size (self->relays, 0);
    g_task_return_error (task, error);
    return;
  }
  clove_localnet_check_async (self->relays, self->clock, cancellable, on_checked,
                              g_steal_pointer (&task));
}

/** clove_localnet_start_finish: Tell whether the network is up. */
gboolean
clove_localnet_start_finish (CloveLocalnet *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/** clove_localnet_stop: Kill every relay. */
void
clove_localnet_stop (CloveLocalnet *self)
{
  for (guint i = 0; i < self->relays->len; i++)
    clove_local_relay_stop (clove_localnet_get_relay (self, i));
}

/** clove_localnet_get_n_relays: Get the number of relays, dead ones too; 0 before the start. */
guint
clove_localnet_get_n_relays (CloveLocalnet *self)
{
  return self->relays->len;
}

/** clove_localnet_get_clock: (transfer none): Get the clock that the network lives by. */
CloveClock *
clove_localnet_get_clock (CloveLocalnet *self)
{
  return self->clock;
}

/** clove_localnet_get_relay: (transfer none): Get relay @n, counted from 0. */
CloveLocalRelay *
clove_localnet_get_relay (CloveLocalnet *self, guint n)
{
  g_return_val_if_fail (n < self->relays->len, NULL);

  return g_ptr_array_index (self->relays, n);
}

static gboolean
heal (CloveLocalRelay *relay, GError **error)
{
  *clove_local_relay_get_faults (relay) = (CloveFaultSettings){ 0 };
  clove_local_relay_apply_faults (relay);
  return clove_local_relay_start (relay, error);
}

static gboolean
revive (CloveLocalRelay *relay, GError **error)
{
  clove_local_relay_get_faults (relay)->is_frozen = FALSE;
  return clove_local_relay_start (relay, error);
}

static void
set_fault (CloveFaultSettings *faults, const CloveLocalnetCommand *command)
{
  switch (command->verb) {
    case CLOVE_LOCALNET_FREEZE:
      faults->is_frozen = TRUE;
      break;
    case CLOVE_LOCALNET_DELAY:
      faults->delay_ms = command->value;
      break;
    case CLOVE_LOCALNET_DROP:
      faults->drop_percent = command->value;
      break;
    case CLOVE_LOCALNET_LOSE:
      faults->lose_per_mille = command->value;
      break;
    case CLOVE_LOCALNET_REORDER:
      faults->reorder_percent = command->value;
      break;
    case CLOVE_LOCALNET_CORRUPT:
      faults->corrupt_percent = command->value;
      break;
    case CLOVE_LOCALNET_LIE:
      faults->is_lying = TRUE;
      break;
    case CLOVE_LOCALNET_IMPERSONATE:
      faults->is_impersonating = TRUE;
      break;
    case CLOVE_LOCALNET_ERROR:
      faults->is_refusing = TRUE;
      break;
    case CLOVE_LOCALNET_KILL:
    case CLOVE_LOCALNET_REVIVE:
    case CLOVE_LOCALNET_RESTART:
    case CLOVE_LOCALNET_HEAL:
    case CLOVE_LOCALNET_LIST:
    case CLOVE_LOCALNET_HELP:
    default:
      break;
  }
}

static gboolean
apply (CloveLocalRelay *relay, const CloveLocalnetCommand *command, GError **error)
{
  if (command->verb == CLOVE_LOCALNET_HEAL)
    return heal (relay, error);
  if (command->verb == CLOVE_LOCALNET_REVIVE)
    return revive (relay, error);
  if (command->verb == CLOVE_LOCALNET_KILL || command->verb == CLOVE_LOCALNET_RESTART)
    clove_local_relay_stop (relay);
  if (command->verb == CLOVE_LOCALNET_RESTART)
    return clove_local_relay_start (relay, error);
  set_fault (clove_local_relay_get_faults (relay), command);
  clove_local_relay_apply_faults (relay);
  return TRUE;
}

static gboolean
apply_to_named (CloveLocalnet *self, const CloveLocalnetCommand *command, GError **error)
{
  gboolean is_for_all = strcmp (command->name, CLOVE_LOCALNET_ALL) == 0;
  gboolean was_found = FALSE;

  for (guint i = 0; i < self->relays->len; i++) {
    CloveLocalRelay *relay = clove_localnet_get_relay (self, i);

    if (!is_for_all && strcmp (command->name, clove_local_relay_get_name (relay)) != 0)
      continue;
    was_found = TRUE;
    if (!apply (relay, command, error))
      return FALSE;
  }
  if (!was_found)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no relay “%s”",
                 command->name);
  return was_found;
}

static char *
list_relays (CloveLocalnet *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->relays->len; i++) {
    g_autofree char *line = clove_local_relay_describe (clove_localnet_get_relay (self, i));

    g_string_append_printf (text, "%s\n", line);
  }
  return g_string_free (text, FALSE);
}

/**
 * clove_localnet_execute:
 * @self: a network that was started
 * @line: a control line without its line end
 *
 * Do what the line says.
 *
 * Returns: (transfer full): lines to print, of which the last is "ok" or begins with "error: "
 */
char *
clove_localnet_execute (CloveLocalnet *self, const char *line)
{
  CloveLocalnetCommand command = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_return_val_if_fail (CLOVE_IS_LOCALNET (self), NULL);

  if (!clove_localnet_command_parse (&command, line, &error))
    return g_strdup_printf ("error: %s\n", error->message);
  if (command.verb == CLOVE_LOCALNET_LIST)
    output = list_relays (self);
  else if (command.verb == CLOVE_LOCALNET_HELP)
    output = clove_localnet_command_describe_all ();
  else if (!apply_to_named (self, &command, &error))
    return g_strdup_printf ("error: %s\n", error->message);
  return g_strconcat (output != NULL ? output : "", "ok\n", NULL);
}
