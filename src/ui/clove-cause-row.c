/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-cause-row.h"

#include "clove-describe-traffic.h"

#include <glib/gi18n.h>

struct _CloveCauseRow {
  AdwActionRow parent_instance;

  /* Template children. */
  GtkImage *icon;
  GtkLabel *time;

  guint64 serial;
  gint64 time_s;
  gboolean is_of_circuits;
};

G_DEFINE_FINAL_TYPE (CloveCauseRow, clove_cause_row, ADW_TYPE_ACTION_ROW)

typedef struct {
  const char *kind;
  const char *icon;
  CloveTone tone;
  gboolean is_of_circuits;
} Look;

static const Look *
find_look (const char *kind)
{
  static const Look looks[] = {
    { "connected", "clove-cause-connected-symbolic", CLOVE_TONE_GOOD, TRUE },
    { "rebuilt", "clove-cause-connected-symbolic", CLOVE_TONE_GOOD, TRUE },
    { "rebuilding", "clove-cause-rebuilding-symbolic", CLOVE_TONE_BUSY, TRUE },
    { "build-failed", "clove-cause-failed-symbolic", CLOVE_TONE_WARNING, TRUE },
    { "rebuild-failed", "clove-cause-failed-symbolic", CLOVE_TONE_BAD, TRUE },
    { "no-circuit", "clove-cause-failed-symbolic", CLOVE_TONE_BAD, TRUE },
    { "postponed", "clove-cause-postponed-symbolic", CLOVE_TONE_WARNING, TRUE },
    { "strike", "clove-cause-strike-symbolic", CLOVE_TONE_WARNING, FALSE },
    { "recovered", "clove-cause-recovered-symbolic", CLOVE_TONE_GOOD, FALSE },
    { "cleared", "clove-cause-recovered-symbolic", CLOVE_TONE_GOOD, FALSE },
    { "blamed", "clove-cause-blamed-symbolic", CLOVE_TONE_BAD, FALSE },
    { "doubt", "clove-cause-doubt-symbolic", CLOVE_TONE_WARNING, FALSE },
    { "standby-ready", "clove-cause-standby-symbolic", CLOVE_TONE_PLAIN, FALSE },
    { "standby-lost", "clove-cause-standby-symbolic", CLOVE_TONE_WARNING, FALSE },
    { "offline", "clove-cause-network-symbolic", CLOVE_TONE_WARNING, FALSE },
    { "online", "clove-cause-network-symbolic", CLOVE_TONE_GOOD, FALSE },
    { "network", "clove-cause-network-symbolic", CLOVE_TONE_PLAIN, FALSE },
    { "entry", "clove-cause-entry-symbolic", CLOVE_TONE_PLAIN, FALSE },
    { "", "clove-cause-doubt-symbolic", CLOVE_TONE_PLAIN, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++) {
    if (g_str_equal (looks[i].kind, kind))
      return &looks[i];
  }
  return &looks[G_N_ELEMENTS (looks) - 1];
}

static void
clove_cause_row_class_init (CloveCauseRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-cause-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveCauseRow, icon);
  gtk_widget_class_bind_template_child (widget_class, CloveCauseRow, time);
}

static void
clove_cause_row_init (CloveCauseRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_label (CloveCauseRow *self, const char *time, const char *what, const char *detail)
{
  g_autofree char *label = NULL;

  if (detail[0] == '\0')
    /* Translators: time of day, what happened */
    label = g_strdup_printf (_ ("%s, %s"), time, what);
  else
    /* Translators: time of day, what happened, why */
    label = g_strdup_printf (_ ("%s, %s: %s"), time, what, detail);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/** clove_cause_row_new: Make a row that tells of @cause. */
GtkWidget *
clove_cause_row_new (const CloveSnapshotCause *cause)
{
  CloveCauseRow *self = g_object_new (CLOVE_TYPE_CAUSE_ROW, NULL);
  const Look *look = find_look (cause->kind);
  g_autofree char *what = clove_describe_cause (cause);
  g_autofree char *detail = clove_describe_detail (cause->detail);
  g_autofree char *time = clove_describe_clock (cause->time_s);

  self->serial = cause->serial;
  self->time_s = cause->time_s;
  self->is_of_circuits = look->is_of_circuits;
  gtk_image_set_from_icon_name (self->icon, look->icon);
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), clove_tone_style (look->tone));
  gtk_label_set_label (self->time, time);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), what);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), detail);
  set_label (self, time, what, detail);
  return GTK_WIDGET (self);
}

/** clove_cause_row_get_serial: Get which entry it is. */
guint64
clove_cause_row_get_serial (CloveCauseRow *self)
{
  return self->serial;
}

/** clove_cause_row_get_time_s: Get when it happened, in seconds since 1970. */
gint64
clove_cause_row_get_time_s (CloveCauseRow *self)
{
  return self->time_s;
}

/** clove_cause_row_is_of_circuits: Tell whether it is about a circuit that comes or goes. */
gboolean
clove_cause_row_is_of_circuits (CloveCauseRow *self)
{
  return self->is_of_circuits;
}
