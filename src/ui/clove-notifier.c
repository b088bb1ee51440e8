/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-notifier.h"

#include "clove-describe.h"
#include "clove-herald.h"

#include <glib/gi18n.h>

struct _CloveNotifier {
  GObject parent_instance;

  /* Borrowed; the application owns us and the two others. */
  GtkApplication *application;
  CloveHost *host;
  CloveSettings *settings;

  CloveHerald herald;
  guint timer; /* 0 but in an outage that is not told yet */
};

G_DEFINE_FINAL_TYPE (CloveNotifier, clove_notifier, G_TYPE_OBJECT)

static void update (CloveNotifier *self);

static GNotification *
make_lost (CloveNotifier *self)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);
  GNotification *notification = g_notification_new (_ ("TON sites are out of reach"));
  g_autofree char *title = clove_describe_title (snapshot);

  g_notification_set_body (notification, title);
  if (snapshot->state == CLOVE_ENGINE_WAITING && snapshot->n_relays > 0)
    g_notification_add_button (notification, _ ("Try now"), "app.rebuild-now");
  return notification;
}

static GNotification *
make_needs_user (CloveNotifier *self)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);
  const char *trouble = clove_host_get_trouble (self->host);
  GNotification *notification = g_notification_new (_ ("Clove needs your help"));
  g_autofree char *body = trouble != NULL ? clove_describe_detail (trouble)
                                          : clove_describe_title (snapshot);

  g_notification_set_body (notification, body);
  if (snapshot->state == CLOVE_ENGINE_FAILED)
    g_notification_add_button (notification, _ ("Preferences"), "app.preferences");
  return notification;
}

static GNotification *
make_found (CloveNotifier *self)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);
  GNotification *notification = g_notification_new (_ ("TON sites are within reach again"));
  g_autofree char *title = clove_describe_title (snapshot);

  g_notification_set_body (notification, title);
  return notification;
}

static void
tell (CloveNotifier *self, CloveNews news)
{
  g_autoptr (GNotification) notification = NULL;

  switch (news) {
    case CLOVE_NEWS_LOST:
      notification = make_lost (self);
      break;
    case CLOVE_NEWS_NEEDS_USER:
      notification = make_needs_user (self);
      break;
    case CLOVE_NEWS_FOUND:
      notification = make_found (self);
      break;
    case CLOVE_NEWS_OVER:
      g_application_withdraw_notification (G_APPLICATION (self->application), CLOVE_NOTIFIER_ID);
      return;
    case CLOVE_NEWS_NONE:
    default:
      return;
  }
  g_notification_set_default_action (notification, "app.show");
  if (clove_settings_get (self->settings, CLOVE_SETTING_NOTIFICATIONS))
    g_application_send_notification (G_APPLICATION (self->application), CLOVE_NOTIFIER_ID,
                                     notification);
}

static gboolean
is_focused (CloveNotifier *self)
{
  for (GList *item = gtk_application_get_windows (self->application); item != NULL;
       item = item->next) {
    if (gtk_window_is_active (item->data))
      return TRUE;
  }
  return FALSE;
}

static gboolean
on_timer (gpointer user_data)
{
  CloveNotifier *self = user_data;

  self->timer = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (CloveNotifier *self)
{
  const CloveSnapshot *snapshot = clove_host_get_snapshot (self->host);
  gint64 now_us = g_get_monotonic_time ();
  gint64 due_us = 0;

  tell (self, clove_herald_step (&self->herald, snapshot->state,
                                 clove_host_get_trouble (self->host) != NULL, is_focused (self),
                                 now_us));
  g_clear_handle_id (&self->timer, g_source_remove);
  due_us = clove_herald_get_due_us (&self->herald);
  if (due_us > 0)
    self->timer =
      g_timeout_add_seconds ((guint) (MAX (due_us - now_us, 0) / G_TIME_SPAN_SECOND) + 1, on_timer,
                             self);
}

static void
on_changed (GObject *object, gpointer user_data)
{
  update (user_data);
}

static void
clove_notifier_dispose (GObject *object)
{
  CloveNotifier *self = CLOVE_NOTIFIER (object);

  g_clear_handle_id (&self->timer, g_source_remove);

  G_OBJECT_CLASS (clove_notifier_parent_class)->dispose (object);
}

static void
clove_notifier_class_init (CloveNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_notifier_dispose;
}

static void
clove_notifier_init (CloveNotifier *self)
{
}

/**
 * clove_notifier_new:
 * @application: what sends; borrowed
 * @host: what is told of; borrowed
 * @settings: whether the user wants it; borrowed
 *
 * Returns: (transfer full): a notifier that is at work until it goes
 */
CloveNotifier *
clove_notifier_new (GtkApplication *application, CloveHost *host, CloveSettings *settings)
{
  CloveNotifier *self = g_object_new (CLOVE_TYPE_NOTIFIER, NULL);

  self->application = application;
  self->host = host;
  self->settings = settings;
  g_signal_connect_object (host, "changed", G_CALLBACK (on_changed), self, 0);
  return self;
}
