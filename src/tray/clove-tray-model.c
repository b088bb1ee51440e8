/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-tray-model.h"

struct _CloveTrayModel {
  GObject parent_instance;

  /* Owned. */
  GCancellable *cancellable;
  GDBusProxy *proxy;     /* NULL until the program answered */
  GActionGroup *actions; /* likewise */
  CloveTrayState state;

  guint watch;
};

G_DEFINE_FINAL_TYPE (CloveTrayModel, clove_tray_model, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_GONE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
clear_state (CloveTrayState *state)
{
  g_clear_pointer (&state->look, g_free);
  g_clear_pointer (&state->title, g_free);
  for (guint i = 0; i < CLOVE_TRAY_N_HOPS; i++)
    g_clear_pointer (&state->hops[i], g_free);
}

/* Returns: (transfer full) (nullable): the value, if there is one of that type */
static GVariant *
get_value (GDBusProxy *proxy, const char *property, const char *type)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (proxy, property);

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
    return NULL;
  return g_steal_pointer (&value);
}

static char *
get_string (GDBusProxy *proxy, const char *property)
{
  g_autoptr (GVariant) value = get_value (proxy, property, "s");

  return value != NULL ? g_variant_dup_string (value, NULL) : g_strdup ("");
}

static guint
get_count (GDBusProxy *proxy, const char *property)
{
  g_autoptr (GVariant) value = get_value (proxy, property, "u");

  return value != NULL ? g_variant_get_uint32 (value) : 0;
}

static void
read_hops (GDBusProxy *proxy, CloveTrayState *state)
{
  g_autoptr (GVariant) hops = get_value (proxy, "Hops", "a(ssst)");

  if (hops == NULL || g_variant_n_children (hops) != CLOVE_TRAY_N_HOPS)
    return;
  for (guint i = 0; i < CLOVE_TRAY_N_HOPS; i++)
    g_variant_get_child (hops, i, "(ssst)", NULL, &state->hops[i], NULL, NULL);
}

static void
read_properties (GDBusProxy *proxy, CloveTrayState *state)
{
  g_autoptr (GVariant) bans = get_value (proxy, "Blacklist", "a(sssx)");
  g_autoptr (GVariant) rebuild_at = get_value (proxy, "RebuildAllowedAt", "x");

  state->look = get_string (proxy, "Look");
  state->title = get_string (proxy, "Title");
  read_hops (proxy, state);
  state->strikes = get_count (proxy, "Strikes");
  state->max_strikes = get_count (proxy, "MaxStrikes");
  state->n_bans = bans != NULL ? (guint) g_variant_n_children (bans) : 0;
  state->rebuild_at_s = rebuild_at != NULL ? g_variant_get_int64 (rebuild_at) : 0;
}

static void
read_actions (GActionGroup *actions, CloveTrayState *state)
{
  g_autoptr (GVariant) is_on = g_action_group_get_action_state (actions, "toggle");

  state->has_actions = is_on != NULL && g_variant_is_of_type (is_on, G_VARIANT_TYPE_BOOLEAN);
  state->is_on = state->has_actions && g_variant_get_boolean (is_on);
  state->can_rebuild = g_action_group_has_action (actions, "rebuild-now") &&
                       g_action_group_get_action_enabled (actions, "rebuild-now");
}

static void
update (CloveTrayModel *self)
{
  if (self->proxy == NULL)
    return;
  clear_state (&self->state);
  read_properties (self->proxy, &self->state);
  read_actions (self->actions, &self->state);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_properties_changed (GDBusProxy *proxy,
                       GVariant *changed,
                       char **invalidated,
                       gpointer user_data)
{
  update (user_data);
}

/* An action came, went, or has another state; what the signals say after its name is not read. */
static void
on_action (CloveTrayModel *self, const char *action)
{
  if (g_str_equal (action, "toggle") || g_str_equal (action, "rebuild-now"))
    update (self);
}

static void
follow_actions (CloveTrayModel *self)
{
  static const char *const news[] = { "action-added", "action-removed", "action-enabled-changed",
                                      "action-state-changed" };

  for (guint i = 0; i < G_N_ELEMENTS (news); i++)
    g_signal_connect_object (self->actions, news[i], G_CALLBACK (on_action), self,
                             G_CONNECT_SWAPPED);
  /* The group says nothing before it was asked once. */
  g_strfreev (g_action_group_list_actions (self->actions));
}

static void
on_proxy_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusProxy *proxy = g_dbus_proxy_new_finish (result, &error);
  CloveTrayModel *self = user_data;

  if (proxy == NULL) {
    /* When cancelled, the model may be gone already. */
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_signal_emit (self, signals[SIGNAL_GONE], 0);
    return;
  }
  self->proxy = proxy;
  self->actions = G_ACTION_GROUP (g_dbus_action_group_get (
    g_dbus_proxy_get_connection (proxy), g_dbus_proxy_get_name (proxy), CLOVE_RESOURCES));
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (on_properties_changed), self,
                           0);
  follow_actions (self);
  update (self);
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  CloveTrayModel *self = user_data;

  /* By the unique name: whoever takes the other one next is another program. */
  g_dbus_proxy_new (connection, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL, owner, CLOVE_RESOURCES,
                    CLOVE_APP_ID, self->cancellable, on_proxy_ready, self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_GONE], 0);
}

static void
clove_tray_model_dispose (GObject *object)
{
  CloveTrayModel *self = CLOVE_TRAY_MODEL (object);

  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->proxy);
  g_clear_object (&self->actions);
  clear_state (&self->state);

  G_OBJECT_CLASS (clove_tray_model_parent_class)->dispose (object);
}

static void
clove_tray_model_class_init (CloveTrayModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_tray_model_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_GONE] = g_signal_new ("gone", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_tray_model_init (CloveTrayModel *self)
{
  self->cancellable = g_cancellable_new ();
  self->state.look = g_strdup ("off");
  self->state.title = g_strdup ("");
  self->watch = g_bus_watch_name (G_BUS_TYPE_SESSION, CLOVE_APP_ID, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                  on_appeared, on_vanished, self, NULL);
}

/** clove_tray_model_new: (transfer full): Look for the program. */
CloveTrayModel *
clove_tray_model_new (void)
{
  return g_object_new (CLOVE_TYPE_TRAY_MODEL, NULL);
}

/** clove_tray_model_get_state: (transfer none): Get what is known; valid until "changed". */
const CloveTrayState *
clove_tray_model_get_state (CloveTrayModel *self)
{
  return &self->state;
}

/** clove_tray_model_activate: Ask the program for one of its actions. */
void
clove_tray_model_activate (CloveTrayModel *self, const char *action)
{
  if (self->actions != NULL)
    g_action_group_activate_action (self->actions, action, NULL);
}
