/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-dbus.h"

#include "clove-dbus-values.h"

#define INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)
#define XML         CLOVE_RESOURCES "/" CLOVE_APP_ID ".xml"

struct _CloveDbus {
  GObject parent_instance;

  /* Set at construction. */
  CloveDbusFunc on_call;
  gpointer user_data;

  /* Owned. */
  GDBusNodeInfo *info;
  GDBusConnection *connection; /* NULL when not exported */
  CloveSnapshot *snapshot;
  char *trouble;
  GHashTable *told; /* of property name to the value that was told last */

  guint registration;
  guint timer;    /* 0 unless a change waits to be told */
  gint64 told_us; /* when */
};

G_DEFINE_FINAL_TYPE (CloveDbus, clove_dbus, G_TYPE_OBJECT)

GQuark
clove_dbus_error_quark (void)
{
  static const GDBusErrorEntry entries[] = {
    { CLOVE_DBUS_ERROR_NOT_RUNNING, CLOVE_DBUS_INTERFACE ".Error.NotRunning" },
    { CLOVE_DBUS_ERROR_TOO_SOON, CLOVE_DBUS_INTERFACE ".Error.TooSoon" },
    { CLOVE_DBUS_ERROR_NO_NETWORK, CLOVE_DBUS_INTERFACE ".Error.NoNetwork" },
  };
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("clove-dbus-error", &quark, entries,
                                      G_N_ELEMENTS (entries));
  return (GQuark) quark;
}

static GVariant *
get_value (CloveDbus *self, const char *property)
{
  CloveDbusMoment moment = { g_get_monotonic_time (), g_get_real_time () };

  return clove_dbus_value (self->snapshot, self->trouble, &moment, property);
}

/* What is in the newest cause, without any site: everyone on the session bus may listen. */
static const char *
get_cause (CloveDbus *self)
{
  const GPtrArray *causes = self->snapshot->causes;

  if (self->trouble != NULL)
    return self->trouble;
  if (causes == NULL || causes->len == 0)
    return "";
  return ((const CloveSnapshotCause *) g_ptr_array_index (causes, causes->len - 1))->redacted;
}

static void
emit (CloveDbus *self, const char *interface, const char *signal, GVariant *arguments)
{
  /* Fails only when the connection is closed, and then nobody listens. */
  (void) g_dbus_connection_emit_signal (self->connection, NULL, CLOVE_DBUS_PATH, interface, signal,
                                        arguments, NULL);
}

/* Returns: whether the value is another one than was told */
static gboolean
add_if_changed (CloveDbus *self, GVariantBuilder *changed, const char *property)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (get_value (self, property));
  GVariant *told = g_hash_table_lookup (self->told, property);

  if (told != NULL && clove_dbus_value_is_same (property, told, value))
    return FALSE;
  g_variant_builder_add (changed, "{sv}", property, value);
  g_hash_table_insert (self->told, g_strdup (property), g_steal_pointer (&value));
  return TRUE;
}

static void
tell (CloveDbus *self)
{
  GVariantBuilder changed;
  gboolean is_other_state = FALSE;
  guint n_changed = 0;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; clove_dbus_property_names[i] != NULL; i++) {
    if (!add_if_changed (self, &changed, clove_dbus_property_names[i]))
      continue;
    n_changed++;
    is_other_state |= g_str_equal (clove_dbus_property_names[i], "State");
  }
  if (n_changed == 0) {
    g_variant_builder_clear (&changed);
    return;
  }
  self->told_us = g_get_monotonic_time ();
  emit (self, "org.freedesktop.DBus.Properties", "PropertiesChanged",
        g_variant_new ("(sa{sv}as)", CLOVE_DBUS_INTERFACE, &changed, NULL));
  if (is_other_state)
    emit (self, CLOVE_DBUS_INTERFACE, "StateChanged",
          g_variant_new ("(ss)", clove_engine_state_name (self->snapshot->state),
                         get_cause (self)));
}

static gboolean
on_timer (gpointer user_data)
{
  CloveDbus *self = user_data;

  self->timer = 0;
  tell (self);
  return G_SOURCE_REMOVE;
}

static void
/* NOLINTNEXTLINE(readability-function-size): GDBus gives so many. */
on_method_call (GDBusConnection *connection,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer user_data)
{
  static const struct {
    const char *name;
    CloveDbusVerb verb;
  } verbs[] = {
    { "Start", CLOVE_DBUS_VERB_START },
    { "Stop", CLOVE_DBUS_VERB_STOP },
    { "Rebuild", CLOVE_DBUS_VERB_REBUILD },
  };
  CloveDbus *self = user_data;
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
    if (!g_str_equal (method, verbs[i].name))
      continue;
    if (self->on_call (verbs[i].verb, self->user_data, &error))
      g_dbus_method_invocation_return_value (invocation, NULL);
    else
      g_dbus_method_invocation_take_error (invocation, error);
    return;
  }
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                                         "there is no method %s", method);
}

static GVariant *
/* NOLINTNEXTLINE(readability-function-size): GDBus gives so many. */
on_get_property (GDBusConnection *connection,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer user_data)
{
  GVariant *value = get_value (user_data, property);

  if (value == NULL)
    g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_PROPERTY, "there is no property %s",
                 property);
  return value;
}

static void
clove_dbus_dispose (GObject *object)
{
  CloveDbus *self = CLOVE_DBUS (object);

  clove_dbus_unexport (self);
  g_clear_pointer (&self->info, g_dbus_node_info_unref);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->told, g_hash_table_unref);

  G_OBJECT_CLASS (clove_dbus_parent_class)->dispose (object);
}

static void
clove_dbus_class_init (CloveDbusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_dbus_dispose;
}

static void
clove_dbus_init (CloveDbus *self)
{
  g_autoptr (GBytes) xml = g_resources_lookup_data (XML, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GError *error = NULL;

  g_assert (xml != NULL);
  self->info = g_dbus_node_info_new_for_xml (g_bytes_get_data (xml, NULL), &error);
  g_assert_no_error (error);
  self->snapshot = clove_snapshot_new ();
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) g_variant_unref);
}

/**
 * clove_dbus_new:
 * @on_call: does what is asked for
 * @user_data: for @on_call
 *
 * Returns: (transfer full): an interface that is on no bus yet
 */
CloveDbus *
clove_dbus_new (CloveDbusFunc on_call, gpointer user_data)
{
  CloveDbus *self = g_object_new (CLOVE_TYPE_DBUS, NULL);

  self->on_call = on_call;
  self->user_data = user_data;
  (void) clove_dbus_error_quark ();
  return self;
}

/**
 * clove_dbus_export:
 * @self: an interface that is on no bus
 * @connection: the bus
 * @error: %G_IO_ERROR
 *
 * Returns: whether it can be found at %CLOVE_DBUS_PATH now
 */
gboolean
clove_dbus_export (CloveDbus *self, GDBusConnection *connection, GError **error)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_method_call,
                                               .get_property = on_get_property };

  g_return_val_if_fail (self->connection == NULL, FALSE);

  self->registration =
    g_dbus_connection_register_object (connection, CLOVE_DBUS_PATH, self->info->interfaces[0],
                                       &vtable, self, NULL, error);
  if (self->registration == 0)
    return FALSE;
  self->connection = g_object_ref (connection);
  /* Nobody could ask before: what is so now is no change. */
  for (guint i = 0; clove_dbus_property_names[i] != NULL; i++)
    g_hash_table_insert (self->told, g_strdup (clove_dbus_property_names[i]),
                         g_variant_ref_sink (get_value (self, clove_dbus_property_names[i])));
  return TRUE;
}

/** clove_dbus_unexport: Leave the bus. Harmless when on none. */
void
clove_dbus_unexport (CloveDbus *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->connection != NULL)
    g_dbus_connection_unregister_object (self->connection, self->registration);
  g_clear_object (&self->connection);
}

/**
 * clove_dbus_show:
 * @self: an interface
 * @snapshot: how things are
 * @trouble: (nullable): why the proxy went off by itself
 * @now_us: the monotonic time
 *
 * Have it tell @snapshot from now on, and say what changed: at once, or as soon as it may again.
 */
void
clove_dbus_show (CloveDbus *self, CloveSnapshot *snapshot, const char *trouble, gint64 now_us)
{
  gint64 wait_us = self->told_us + INTERVAL_US - now_us;

  clove_snapshot_ref (snapshot);
  clove_snapshot_unref (self->snapshot);
  self->snapshot = snapshot;
  if (g_strcmp0 (self->trouble, trouble) != 0) {
    g_free (self->trouble);
    self->trouble = g_strdup (trouble);
  }
  if (self->connection == NULL || self->timer != 0)
    return;
  if (self->told_us == 0 || wait_us <= 0)
    tell (self);
  else
    self->timer =
      g_timeout_add ((guint) (wait_us / G_TIME_SPAN_MILLISECOND) + 1, on_timer, self);
}
