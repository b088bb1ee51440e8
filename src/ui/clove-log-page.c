/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The newest stands on top, in the group of the circuit that was live. Rows never change: new ones
 * are put in, and those that the engine has forgotten go. Who has scrolled down keeps what is
 * before his eyes.
 */
#include "config.h"

#include "clove-log-page.h"

#include "clove-cause-row.h"
#include "clove-toast.h"

#include <glib/gi18n.h>

#define FILTER_EVERYTHING "everything"
#define FILTER_CIRCUITS   "circuits"

/* The rows of one circuit. All borrowed from the page's box. */
typedef struct {
  guint64 generation;
  GtkWidget *box;
  GtkWidget *list;
} Group;

struct _CloveLogPage {
  AdwBin parent_instance;

  /* Template children. */
  GtkWidget *tools;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkBox *groups;

  /* Owned. */
  CloveSnapshot *snapshot; /* NULL at first */
  GQueue shown;            /* of Group, the newest first */
  char *filter;
};

G_DEFINE_FINAL_TYPE (CloveLogPage, clove_log_page, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_FILTER,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static gboolean
is_shown (CloveLogPage *self, CloveCauseRow *row)
{
  return !g_str_equal (self->filter, FILTER_CIRCUITS) || clove_cause_row_is_of_circuits (row);
}

static CloveCauseRow *
get_newest_row (CloveLogPage *self)
{
  Group *group = g_queue_peek_head (&self->shown);

  return group != NULL ? CLOVE_CAUSE_ROW (gtk_widget_get_first_child (group->list)) : NULL;
}

static char *
describe_group (guint64 generation)
{
  if (generation == 0)
    return g_strdup (_ ("Before the first circuit"));
  /* Translators: circuits are counted from 1 */
  return g_strdup_printf (_ ("Circuit %u"), (guint) generation);
}

static GtkWidget *
make_heading (const CloveSnapshotCause *cause, GtkWidget **title_out)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *title = describe_group (cause->generation);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (cause->time_s);
  /* Translators: day and month as in “23 November”, see g_date_time_format() */
  g_autofree char *day = time != NULL ? g_date_time_format (time, _ ("%-d %B")) : NULL;
  GtkWidget *title_label = gtk_label_new (title);
  GtkWidget *day_label = gtk_label_new (day);

  gtk_label_set_xalign (GTK_LABEL (title_label), 0);
  gtk_widget_set_hexpand (title_label, TRUE);
  gtk_widget_add_css_class (title_label, "heading");
  gtk_widget_add_css_class (day_label, "caption");
  gtk_widget_add_css_class (day_label, "dim-label");
  gtk_box_append (GTK_BOX (box), title_label);
  gtk_box_append (GTK_BOX (box), day_label);
  *title_out = title_label;
  return box;
}

/* Begins the group of the circuit that was live at @cause. */
static Group *
add_group (CloveLogPage *self, const CloveSnapshotCause *cause)
{
  Group *group = g_new0 (Group, 1);
  GtkWidget *title = NULL;

  group->generation = cause->generation;
  group->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  group->list = gtk_list_box_new ();
  gtk_widget_add_css_class (group->list, "boxed-list");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (group->list), GTK_SELECTION_NONE);
  gtk_box_append (GTK_BOX (group->box), make_heading (cause, &title));
  gtk_box_append (GTK_BOX (group->box), group->list);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (group->list),
                                  GTK_ACCESSIBLE_RELATION_LABELLED_BY, title, NULL, -1);
  gtk_box_prepend (self->groups, group->box);
  g_queue_push_head (&self->shown, group);
  return group;
}

static void
remove_group (CloveLogPage *self, Group *group)
{
  gtk_box_remove (self->groups, group->box);
  g_queue_remove (&self->shown, group);
  g_free (group);
}

static void
remove_all (CloveLogPage *self)
{
  while (!g_queue_is_empty (&self->shown))
    remove_group (self, g_queue_peek_head (&self->shown));
}

static void
add_cause (CloveLogPage *self, const CloveSnapshotCause *cause)
{
  Group *group = g_queue_peek_head (&self->shown);
  GtkWidget *row = clove_cause_row_new (cause);

  if (group == NULL || group->generation != cause->generation)
    group = add_group (self, cause);
  gtk_widget_set_visible (row, is_shown (self, CLOVE_CAUSE_ROW (row)));
  gtk_list_box_prepend (GTK_LIST_BOX (group->list), row);
}

/* Those that are older than what the snapshot has. */
static void
remove_forgotten (CloveLogPage *self, guint64 oldest_serial)
{
  for (;;) {
    Group *group = g_queue_peek_tail (&self->shown);
    GtkWidget *row = group != NULL ? gtk_widget_get_last_child (group->list) : NULL;

    if (row == NULL || clove_cause_row_get_serial (CLOVE_CAUSE_ROW (row)) >= oldest_serial)
      return;
    gtk_list_box_remove (GTK_LIST_BOX (group->list), row);
    if (gtk_widget_get_first_child (group->list) == NULL)
      remove_group (self, group);
  }
}

/* A group of which no row is shown is not shown either. */
static void
update_visibility (CloveLogPage *self)
{
  gboolean has_any = FALSE;

  for (GList *link = self->shown.head; link != NULL; link = link->next) {
    Group *group = link->data;
    gboolean has_row = FALSE;

    for (GtkWidget *row = gtk_widget_get_first_child (group->list); row != NULL;
         row = gtk_widget_get_next_sibling (row))
      has_row |= gtk_widget_get_visible (row);
    gtk_widget_set_visible (group->box, has_row);
    has_any |= has_row;
  }
  gtk_widget_set_visible (self->tools, !g_queue_is_empty (&self->shown));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "log.copy", !g_queue_is_empty (&self->shown));
  gtk_stack_set_visible_child_name (self->stack, has_any                           ? "list"
                                                 : g_queue_is_empty (&self->shown) ? "empty"
                                                                                   : "none");
}

static void
update_filter (CloveLogPage *self)
{
  for (GList *link = self->shown.head; link != NULL; link = link->next) {
    Group *group = link->data;

    for (GtkWidget *row = gtk_widget_get_first_child (group->list); row != NULL;
         row = gtk_widget_get_next_sibling (row))
      gtk_widget_set_visible (row, is_shown (self, CLOVE_CAUSE_ROW (row)));
  }
  update_visibility (self);
}

/* Where in @causes those begin that are not shown yet. Rows of another engine are of no use. */
static guint
find_new (CloveLogPage *self, const GPtrArray *causes)
{
  CloveCauseRow *newest = get_newest_row (self);

  for (guint i = causes->len; i > 0 && newest != NULL; i--) {
    const CloveSnapshotCause *cause = g_ptr_array_index (causes, i - 1);

    if (cause->serial == clove_cause_row_get_serial (newest) &&
        cause->time_s == clove_cause_row_get_time_s (newest))
      return i;
  }
  remove_all (self);
  return 0;
}

static gint
measure_height (CloveLogPage *self)
{
  GtkWidget *groups = GTK_WIDGET (self->groups);
  gint height = 0;

  gtk_widget_measure (groups, GTK_ORIENTATION_VERTICAL, gtk_widget_get_width (groups), NULL,
                      &height, NULL, NULL);
  return height;
}

/* What was added above must not push away what the user reads. */
static void
add_causes (CloveLogPage *self, const GPtrArray *causes, guint begin)
{
  GtkAdjustment *position = gtk_scrolled_window_get_vadjustment (self->scroller);
  gboolean is_reading = gtk_adjustment_get_value (position) > 0;
  gint height = is_reading ? measure_height (self) : 0;

  for (guint i = begin; i < causes->len; i++)
    add_cause (self, g_ptr_array_index (causes, i));
  update_visibility (self);
  if (!is_reading)
    return;
  height = measure_height (self) - height;
  gtk_adjustment_set_upper (position, gtk_adjustment_get_upper (position) + height);
  gtk_adjustment_set_value (position, gtk_adjustment_get_value (position) + height);
}

/* An engine that was never on has no list. */
static const GPtrArray *
get_causes (const CloveSnapshot *snapshot)
{
  static const GPtrArray none = { NULL, 0 };

  return snapshot->causes != NULL ? snapshot->causes : &none;
}

/** clove_log_page_show: Show @snapshot; @now_us is the monotonic time, for what counts down. */
void
clove_log_page_show (CloveLogPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
  const GPtrArray *causes = get_causes (snapshot);
  guint begin = 0;

  if (snapshot == self->snapshot)
    return;
  clove_snapshot_ref (snapshot);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  self->snapshot = snapshot;
  begin = find_new (self, causes);
  if (begin < causes->len)
    add_causes (self, causes, begin);
  if (causes->len > 0)
    remove_forgotten (self, ((CloveSnapshotCause *) g_ptr_array_index (causes, 0))->serial);
  update_visibility (self);
}

static char *
format_log (const CloveSnapshot *snapshot)
{
  const GPtrArray *causes = get_causes (snapshot);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < causes->len; i++) {
    const CloveSnapshotCause *cause = g_ptr_array_index (causes, i);
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (cause->time_s);
    g_autofree char *iso = time != NULL ? g_date_time_format_iso8601 (time) : g_strdup ("-");

    g_string_append_printf (text, "%s %s\n", iso, cause->redacted);
  }
  return g_string_free (text, FALSE);
}

static void
on_copy (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveLogPage *self = CLOVE_LOG_PAGE (widget);
  g_autofree char *text = NULL;

  if (self->snapshot == NULL)
    return;
  text = format_log (self->snapshot);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  clove_toast (widget, _ ("Log copied, without the names of sites"));
}

static void
clove_log_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FILTER)
    g_value_set_string (value, CLOVE_LOG_PAGE (object)->filter);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
clove_log_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CloveLogPage *self = CLOVE_LOG_PAGE (object);

  if (id != PROP_FILTER) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  if (g_strcmp0 (self->filter, g_value_get_string (value)) == 0)
    return;
  g_free (self->filter);
  self->filter = g_value_dup_string (value);
  update_filter (self);
  g_object_notify_by_pspec (object, pspec);
}

static void
clove_log_page_dispose (GObject *object)
{
  CloveLogPage *self = CLOVE_LOG_PAGE (object);

  g_queue_clear_full (&self->shown, g_free);
  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CLOVE_TYPE_LOG_PAGE);

  G_OBJECT_CLASS (clove_log_page_parent_class)->dispose (object);
}

static void
clove_log_page_finalize (GObject *object)
{
  g_free (CLOVE_LOG_PAGE (object)->filter);

  G_OBJECT_CLASS (clove_log_page_parent_class)->finalize (object);
}

static void
clove_log_page_class_init (CloveLogPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = clove_log_page_get_property;
  object_class->set_property = clove_log_page_set_property;
  object_class->dispose = clove_log_page_dispose;
  object_class->finalize = clove_log_page_finalize;
  properties[PROP_FILTER] =
    g_param_spec_string ("filter", NULL, NULL, FILTER_EVERYTHING,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-log-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveLogPage, tools);
  gtk_widget_class_bind_template_child (widget_class, CloveLogPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CloveLogPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, CloveLogPage, groups);
  gtk_widget_class_install_property_action (widget_class, "log.filter", "filter");
  gtk_widget_class_install_action (widget_class, "log.copy", NULL, on_copy);
}

static void
clove_log_page_init (CloveLogPage *self)
{
  self->filter = g_strdup (FILTER_EVERYTHING);
  gtk_widget_init_template (GTK_WIDGET (self));
  update_visibility (self);
}
