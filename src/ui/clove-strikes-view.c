/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-strikes-view.h"

#include "clove-describe.h"

struct _CloveStrikesView {
  GtkBox parent_instance;

  /* Template children. */
  GtkBox *dots;
  GtkLabel *sentence;
};

G_DEFINE_FINAL_TYPE (CloveStrikesView, clove_strikes_view, GTK_TYPE_BOX)

static void
clove_strikes_view_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_STRIKES_VIEW);

  G_OBJECT_CLASS (clove_strikes_view_parent_class)->dispose (object);
}

static void
clove_strikes_view_class_init (CloveStrikesViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_strikes_view_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-strikes-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveStrikesView, dots);
  gtk_widget_class_bind_template_child (widget_class, CloveStrikesView, sentence);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
clove_strikes_view_init (CloveStrikesView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_dot (GtkWidget *dot, gboolean is_strike)
{
  const char *icon = is_strike ? "clove-strike-full-symbolic" : "clove-strike-empty-symbolic";

  if (g_strcmp0 (gtk_image_get_icon_name (GTK_IMAGE (dot)), icon) == 0)
    return;
  gtk_image_set_from_icon_name (GTK_IMAGE (dot), icon);
  if (is_strike)
    gtk_widget_add_css_class (dot, "error");
  else
    gtk_widget_remove_css_class (dot, "error");
}

/** clove_strikes_view_show: Show the strikes of @snapshot. */
void
clove_strikes_view_show (CloveStrikesView *self, const CloveSnapshot *snapshot)
{
  g_autofree char *sentence = clove_describe_strikes (snapshot);
  GtkWidget *dot = gtk_widget_get_first_child (GTK_WIDGET (self->dots));

  for (guint i = 0; dot != NULL; i++) {
    show_dot (dot, i < snapshot->strikes);
    dot = gtk_widget_get_next_sibling (dot);
  }
  if (g_strcmp0 (gtk_label_get_label (self->sentence), sentence) == 0)
    return;
  gtk_label_set_label (self->sentence, sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence,
                                  -1);
}
