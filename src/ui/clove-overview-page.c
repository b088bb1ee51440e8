/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-overview-page.h"

#include "clove-circuit-view.h"
#include "clove-describe-traffic.h"
#include "clove-describe.h"
#include "clove-foot-frame.h"
#include "clove-manual-relays.h"
#include "clove-port.h"
#include "clove-setup-window.h"
#include "clove-short-list.h"
#include "clove-strikes-view.h"
#include "clove-wrap-row.h"

#include <glib/gi18n.h>

#define N_REBUILD_LABELS 2

struct _CloveOverviewPage {
  AdwBin parent_instance;

  /* Template children. */
  GtkStack *stack;
  AdwStatusPage *notice;
  GtkButton *notice_buttons[CLOVE_NOTICE_N_BUTTONS];
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *rebuild_labels[N_REBUILD_LABELS];
  GtkWidget *address_box;
  GtkLabel *address;
  GtkWidget *open_demo;
  GtkWidget *set_up;
  CloveCircuitView *circuit;
  CloveStrikesView *strikes;
  CloveShortList *bans;
  CloveShortList *causes;

  /* Owned. */
  CloveSnapshot *snapshot;
  char *trouble;
  char *listen;

  CloveSituation situation; /* its listen is the one above */
  CloveTakenPort taken;
  CloveTone tone;
  gint64 now_us;
};

G_DEFINE_FINAL_TYPE (CloveOverviewPage, clove_overview_page, ADW_TYPE_BIN)

static void
show_text (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

static void
set_action (GtkActionable *button, const char *action, const char *target)
{
  GVariant *old = gtk_actionable_get_action_target_value (button);
  const char *old_target = old != NULL ? g_variant_get_string (old, NULL) : NULL;

  if (g_strcmp0 (gtk_actionable_get_action_name (button), action) == 0 &&
      g_strcmp0 (old_target, target) == 0)
    return;
  /* Never an action with the target of another, which GTK warns of. */
  gtk_actionable_set_action_name (button, NULL);
  gtk_actionable_set_action_target_value (button,
                                          target != NULL ? g_variant_new_string (target) : NULL);
  gtk_actionable_set_action_name (button, action);
}

static void
show_button (GtkButton *button, const char *label, const char *action, const char *target)
{
  gtk_widget_set_visible (GTK_WIDGET (button), label != NULL);
  if (label == NULL)
    return;
  if (g_strcmp0 (gtk_button_get_label (button), label) != 0)
    gtk_button_set_label (button, label);
  set_action (GTK_ACTIONABLE (button), action, target);
}

static void
show_notice (CloveOverviewPage *self, const CloveNotice *notice)
{
  /* The page takes it as markup, and what went wrong may be anything. */
  g_autofree char *description = g_markup_escape_text (notice->description, -1);

  if (g_strcmp0 (adw_status_page_get_icon_name (self->notice), notice->icon) != 0)
    adw_status_page_set_icon_name (self->notice, notice->icon);
  adw_status_page_set_title (self->notice, notice->title);
  if (g_strcmp0 (adw_status_page_get_description (self->notice), description) != 0)
    adw_status_page_set_description (self->notice, description);
  for (guint i = 0; i < CLOVE_NOTICE_N_BUTTONS; i++)
    show_button (self->notice_buttons[i], notice->buttons[i].label, notice->buttons[i].action,
                 notice->buttons[i].target);
}

static void
show_status (CloveOverviewPage *self, const CloveSnapshot *snapshot, gint64 now_us)
{
  g_autofree char *title = clove_describe_title (snapshot);
  g_autofree char *subtitle = clove_describe_subtitle (snapshot, now_us);
  g_autofree char *rebuild = clove_describe_rebuild (snapshot, now_us);
  const char *icon = clove_describe_icon (snapshot);
  CloveTone tone = clove_describe_tone (snapshot);

  if (g_strcmp0 (gtk_image_get_icon_name (self->icon), icon) != 0)
    gtk_image_set_from_icon_name (self->icon, icon);
  if (tone != self->tone) {
    gtk_widget_remove_css_class (GTK_WIDGET (self->icon), clove_tone_style (self->tone));
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), clove_tone_style (tone));
    self->tone = tone;
  }
  show_text (self->title, title);
  show_text (self->subtitle, subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), subtitle[0] != '\0');
  for (guint i = 0; i < N_REBUILD_LABELS; i++)
    show_text (self->rebuild_labels[i], rebuild);
  show_text (self->address, snapshot->listen_address != NULL ? snapshot->listen_address : "");
  gtk_widget_set_visible (self->address_box, snapshot->listen_address != NULL);
  gtk_widget_set_visible (self->open_demo, self->situation.is_demo);
  gtk_widget_set_visible (self->set_up, !self->situation.is_demo);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "overview.set-up-browser",
                                 snapshot->listen_address != NULL);
}

static void
show_bans (CloveOverviewPage *self, const CloveSnapshot *snapshot, gint64 now_us)
{
  CloveShortItem items[CLOVE_SHORT_LIST_MAX_ITEMS] = { 0 };
  guint n_items = 0;

  for (guint i = 0; i < snapshot->bans->len && i < G_N_ELEMENTS (items); i++, n_items++) {
    /* The newest first. */
    const CloveSnapshotBan *ban =
      g_ptr_array_index (snapshot->bans, snapshot->bans->len - 1 - i);

    items[i].title = g_strdup (ban->name != NULL ? ban->name : ban->address);
    items[i].subtitle = clove_describe_detail (ban->reason);
    items[i].aside = ban->is_permanent
                       /* Translators: how long a relay is left out */
                       ? g_strdup (_ ("until cleared"))
                       : clove_describe_countdown (snapshot->taken_us + ban->left_us - now_us);
  }
  clove_short_list_show (self->bans, items, n_items, snapshot->bans->len - n_items);
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    clove_short_item_clear (&items[i]);
}

static void
show_causes (CloveOverviewPage *self, const CloveSnapshot *snapshot)
{
  CloveShortItem items[CLOVE_SHORT_LIST_MAX_ITEMS] = { 0 };
  guint n_items = 0;

  for (guint i = 0; i < snapshot->causes->len && i < G_N_ELEMENTS (items); i++, n_items++) {
    const CloveSnapshotCause *cause =
      g_ptr_array_index (snapshot->causes, snapshot->causes->len - 1 - i);

    items[i].title = clove_describe_cause (cause);
    items[i].subtitle = clove_describe_detail (cause->detail);
    items[i].aside = clove_describe_clock (cause->time_s);
  }
  clove_short_list_show (self->causes, items, n_items, 0);
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    clove_short_item_clear (&items[i]);
}

static void
update (CloveOverviewPage *self)
{
  g_auto (CloveNotice) notice = { 0 };

  if (self->snapshot == NULL)
    return;
  if (clove_notice_fill (&notice, self->snapshot, &self->situation, &self->taken, self->trouble,
                         self->now_us)) {
    show_notice (self, &notice);
    gtk_stack_set_visible_child_name (self->stack, "notice");
    return;
  }
  show_status (self, self->snapshot, self->now_us);
  clove_circuit_view_show (self->circuit, self->snapshot);
  clove_strikes_view_show (self->strikes, self->snapshot);
  show_bans (self, self->snapshot, self->now_us);
  show_causes (self, self->snapshot);
  gtk_stack_set_visible_child_name (self->stack, "status");
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CloveOverviewPage) self = user_data;
  gboolean is_clove = clove_port_ask_finish (result);

  if (self->taken.port == 0 || self->snapshot == NULL)
    return;
  self->taken.is_clove = is_clove;
  update (self);
}

/* Who has the port, and which one is free, is found out once each time that it is taken. */
static void
look_at_port (CloveOverviewPage *self, const CloveSnapshot *snapshot)
{
  CloveAddress taken = { 0 };
  CloveAddress unused = { 0 };

  if (snapshot->state != CLOVE_ENGINE_FAILED ||
      snapshot->problem_code != G_IO_ERROR_ADDRESS_IN_USE) {
    self->taken = (CloveTakenPort){ 0 };
    return;
  }
  if (self->taken.port != 0 || self->listen == NULL ||
      !clove_manual_listen_parse (&taken, self->listen, NULL))
    return;
  self->taken.port = clove_address_get_port (&taken);
  if (clove_port_find_free (&taken, &unused))
    self->taken.free_port = clove_address_get_port (&unused);
  clove_port_ask_async (&taken, on_asked, g_object_ref (self));
}

static void
on_set_up_browser (GtkWidget *widget, const char *action, GVariant *parameter)
{
  CloveOverviewPage *self = CLOVE_OVERVIEW_PAGE (widget);
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (widget));

  if (self->snapshot == NULL || self->snapshot->listen_address == NULL)
    return;
  gtk_window_present (GTK_WINDOW (clove_setup_window_new (
    GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, self->snapshot->listen_address)));
}

static void
clove_overview_page_dispose (GObject *object)
{
  CloveOverviewPage *self = CLOVE_OVERVIEW_PAGE (object);

  g_clear_pointer (&self->snapshot, clove_snapshot_unref);
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->listen, g_free);

  G_OBJECT_CLASS (clove_overview_page_parent_class)->dispose (object);
}

static void
bind_numbered (GtkWidgetClass *widget_class, const char *name, gssize offset)
{
  gtk_widget_class_bind_template_child_full (widget_class, name, FALSE, offset);
}

static void
clove_overview_page_class_init (CloveOverviewPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_overview_page_dispose;

  g_type_ensure (CLOVE_TYPE_CIRCUIT_VIEW);
  g_type_ensure (CLOVE_TYPE_FOOT_FRAME);
  g_type_ensure (CLOVE_TYPE_SHORT_LIST);
  g_type_ensure (CLOVE_TYPE_STRIKES_VIEW);
  g_type_ensure (CLOVE_TYPE_WRAP_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, notice);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, icon);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, title);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, subtitle);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, address_box);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, address);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, open_demo);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, set_up);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, circuit);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, strikes);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, bans);
  gtk_widget_class_bind_template_child (widget_class, CloveOverviewPage, causes);
  bind_numbered (widget_class, "first_button",
                 G_STRUCT_OFFSET (CloveOverviewPage, notice_buttons[0]));
  bind_numbered (widget_class, "second_button",
                 G_STRUCT_OFFSET (CloveOverviewPage, notice_buttons[1]));
  bind_numbered (widget_class, "rebuild_label",
                 G_STRUCT_OFFSET (CloveOverviewPage, rebuild_labels[0]));
  bind_numbered (widget_class, "foot_rebuild_label",
                 G_STRUCT_OFFSET (CloveOverviewPage, rebuild_labels[1]));
  gtk_widget_class_install_action (widget_class, "overview.set-up-browser", NULL,
                                   on_set_up_browser);
}

static void
clove_overview_page_init (CloveOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), clove_tone_style (self->tone));
}

/** clove_overview_page_show: Show @snapshot; @now_us is the monotonic time, for countdowns. */
void
clove_overview_page_show (CloveOverviewPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
  CloveSnapshot *old = self->snapshot;

  self->snapshot = clove_snapshot_ref (snapshot);
  g_clear_pointer (&old, clove_snapshot_unref);
  self->now_us = now_us;
  look_at_port (self, snapshot);
  update (self);
}

/** clove_overview_page_set_trouble: Say why the proxy went off by itself; %NULL if it did not. */
void
clove_overview_page_set_trouble (CloveOverviewPage *self, const char *trouble)
{
  if (g_strcmp0 (self->trouble, trouble) == 0)
    return;
  g_free (self->trouble);
  self->trouble = g_strdup (trouble);
  update (self);
}

/** clove_overview_page_set_situation: Say what no snapshot knows; shown with the next one. */
void
clove_overview_page_set_situation (CloveOverviewPage *self, const CloveSituation *situation)
{
  if (g_strcmp0 (self->listen, situation->listen) != 0) {
    g_free (self->listen);
    self->listen = g_strdup (situation->listen);
    self->taken = (CloveTakenPort){ 0 };
  }
  self->situation = *situation;
  self->situation.listen = self->listen;
}
