/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-request-row.h"

#include "clove-describe-traffic.h"

#include <glib/gi18n.h>

struct _CloveRequestRow {
  AdwActionRow parent_instance;

  /* Template children. */
  GtkImage *icon;
  GtkLabel *size;
  GtkLabel *time;

  CloveSnapshotRequest *request; /* owned */
};

G_DEFINE_FINAL_TYPE (CloveRequestRow, clove_request_row, ADW_TYPE_ACTION_ROW)

static void
clove_request_row_finalize (GObject *object)
{
  clove_snapshot_request_unref (CLOVE_REQUEST_ROW (object)->request);

  G_OBJECT_CLASS (clove_request_row_parent_class)->finalize (object);
}

static void
clove_request_row_class_init (CloveRequestRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = clove_request_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-request-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveRequestRow, icon);
  gtk_widget_class_bind_template_child (widget_class, CloveRequestRow, size);
  gtk_widget_class_bind_template_child (widget_class, CloveRequestRow, time);
}

static void
clove_request_row_init (CloveRequestRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static const char *
choose_icon (CloveTone tone)
{
  switch (tone) {
    case CLOVE_TONE_GOOD:
      return "clove-cause-recovered-symbolic";
    case CLOVE_TONE_WARNING:
      return "clove-cause-strike-symbolic";
    case CLOVE_TONE_BAD:
      return "clove-cause-failed-symbolic";
    case CLOVE_TONE_BUSY:
    case CLOVE_TONE_PLAIN:
    default:
      return "clove-cause-doubt-symbolic";
  }
}

static char *
describe_subtitle (const CloveSnapshotRequest *request)
{
  g_autofree char *status = clove_describe_request_status (request);
  g_autofree char *duration = clove_describe_duration (request->duration_us);

  /* Translators: method such as GET, how it ended, how long it took */
  return g_strdup_printf (_ ("%s · %s · %s"), request->method, status, duration);
}

/** clove_request_row_new: Make a row that tells of @request. */
GtkWidget *
clove_request_row_new (CloveSnapshotRequest *request)
{
  CloveRequestRow *self = g_object_new (CLOVE_TYPE_REQUEST_ROW, NULL);
  CloveTone tone = clove_describe_request_tone (request);
  g_autofree char *subtitle = describe_subtitle (request);
  g_autofree char *size = g_format_size (request->body_size);
  g_autofree char *time = clove_describe_clock (request->time_s);
  g_autofree char *label = clove_describe_request (request);

  self->request = clove_snapshot_request_ref (request);
  gtk_image_set_from_icon_name (self->icon, choose_icon (tone));
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), clove_tone_style (tone));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), request->host);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_label_set_label (self->size, size);
  gtk_label_set_label (self->time, time);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (self);
}

/** clove_request_row_get_request: Get what the row tells of. */
const CloveSnapshotRequest *
clove_request_row_get_request (CloveRequestRow *self)
{
  return self->request;
}
