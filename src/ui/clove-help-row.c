/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-help-row.h"

struct _CloveHelpRow {
  AdwExpanderRow parent_instance;

  /* Template children. */
  GtkLabel *answer;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (CloveHelpRow, clove_help_row, ADW_TYPE_EXPANDER_ROW)

enum {
  PROP_ANSWER = 1,
  PROP_BUTTON,
  PROP_ACTION,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

/* With large letters it may be wider than the window otherwise. */
static void
set_button (CloveHelpRow *self, const char *text)
{
  gtk_widget_set_visible (GTK_WIDGET (self->button), text != NULL);
  if (text == NULL)
    return;
  gtk_button_set_label (self->button, text);
  gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (self->button)), TRUE);
}

/* Returns: (transfer none) (nullable): the part with the question, which has the focus */
static GtkWidget *
find_header (GtkWidget *widget)
{
  GtkWidget *header = ADW_IS_ACTION_ROW (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && header == NULL;
       child = gtk_widget_get_next_sibling (child))
    header = find_header (child);
  return header;
}

/* The library draws an arrow, and tells nobody who does not see it. */
static void
on_expanded (CloveHelpRow *self)
{
  GtkWidget *header = find_header (GTK_WIDGET (self));

  if (header != NULL)
    gtk_accessible_update_state (GTK_ACCESSIBLE (header), GTK_ACCESSIBLE_STATE_EXPANDED,
                                 adw_expander_row_get_expanded (ADW_EXPANDER_ROW (self)), -1);
}

static void
on_title (CloveHelpRow *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)), -1);
}

static void
clove_help_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_HELP_ROW);

  G_OBJECT_CLASS (clove_help_row_parent_class)->dispose (object);
}

static void
clove_help_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CloveHelpRow *self = CLOVE_HELP_ROW (object);

  switch (id) {
    case PROP_ANSWER:
      gtk_label_set_text (self->answer, g_value_get_string (value));
      break;
    case PROP_BUTTON:
      set_button (self, g_value_get_string (value));
      break;
    case PROP_ACTION:
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
clove_help_row_class_init (CloveHelpRowClass *klass)
{
  static const char *const names[N_PROPS] = { NULL, "answer", "button", "action" };
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = clove_help_row_dispose;
  object_class->set_property = clove_help_row_set_property;
  for (guint i = PROP_ANSWER; i < N_PROPS; i++)
    properties[i] =
      g_param_spec_string (names[i], NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-help-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveHelpRow, answer);
  gtk_widget_class_bind_template_child (widget_class, CloveHelpRow, button);
}

static void
clove_help_row_init (CloveHelpRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::title", G_CALLBACK (on_title), NULL);
  g_signal_connect (self, "notify::expanded", G_CALLBACK (on_expanded), NULL);
  on_expanded (self);
}
