/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-fault-row.h"

#include "clove-wrap-layout.h"

#include <glib/gi18n.h>

/* What the buttons do: enough to be seen, little enough to be lived with. */
#define DELAY_MS     800
#define DROP_PERCENT 30

struct _CloveFaultRow {
  GtkListBoxRow parent_instance;

  /* Template children. */
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *fault;
  GtkLabel *place;
  GtkBox *buttons;

  char *name;
  CloveTone tone; /* whose style the icon has */
};

G_DEFINE_FINAL_TYPE (CloveFaultRow, clove_fault_row, GTK_TYPE_LIST_BOX_ROW)

static void
clove_fault_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), CLOVE_TYPE_FAULT_ROW);

  G_OBJECT_CLASS (clove_fault_row_parent_class)->dispose (object);
}

static void
clove_fault_row_finalize (GObject *object)
{
  g_free (CLOVE_FAULT_ROW (object)->name);

  G_OBJECT_CLASS (clove_fault_row_parent_class)->finalize (object);
}

static void
clove_fault_row_class_init (CloveFaultRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = clove_fault_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = clove_fault_row_finalize;
  g_type_ensure (CLOVE_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               CLOVE_RESOURCES "/ui/clove-fault-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CloveFaultRow, icon);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultRow, title);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultRow, fault);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultRow, place);
  gtk_widget_class_bind_template_child (widget_class, CloveFaultRow, buttons);
}

static void
clove_fault_row_init (CloveFaultRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_button (CloveFaultRow *self, const char *verb, guint value, const char *text, const char *tip)
{
  GtkWidget *button = gtk_button_new_with_label (text);
  g_autofree char *command = value > 0
                               ? g_strdup_printf ("%s %s %u", verb, self->name, value)
                               : g_strdup_printf ("%s %s", verb, self->name);
  /* Translators: what a button does, and to which relay */
  g_autofree char *label = g_strdup_printf (_ ("%s \u2068%s\u2069"), text, self->name);

  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", command);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "faults.send");
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_add_css_class (button, "clove-fault");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, tip, -1);
  gtk_box_append (self->buttons, button);
}

static void
add_buttons (CloveFaultRow *self)
{
  const struct {
    const char *verb;
    guint value;
    const char *text;
    const char *tip;
  } buttons[] = {
    { "kill", 0, C_ ("fault", "Kill"), _ ("It is gone: nobody listens there any more") },
    { "freeze", 0, C_ ("fault", "Freeze"), _ ("It is there, but hears and says nothing") },
    { "restart", 0, C_ ("fault", "Restart"), _ ("It forgets all circuits and goes on") },
    { "delay", DELAY_MS, C_ ("fault", "Slow"), _ ("It holds everything back for 800 ms") },
    { "drop", DROP_PERCENT, C_ ("fault", "Lossy"), _ ("It loses 3 of 10 packets") },
    { "lie", 0, C_ ("fault", "Lie"), _ ("As the exit, it says that no site exists") },
    { "heal", 0, C_ ("fault", "Heal"), _ ("It works again") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    add_button (self, buttons[i].verb, buttons[i].value, buttons[i].text, buttons[i].tip);
}

/** clove_fault_row_new: Make a row for the relay @name. */
GtkWidget *
clove_fault_row_new (const char *name)
{
  CloveFaultRow *self = g_object_new (CLOVE_TYPE_FAULT_ROW, NULL);

  self->name = g_strdup (name);
  gtk_label_set_label (self->title, name);
  add_buttons (self);
  return GTK_WIDGET (self);
}

/** clove_fault_row_get_name: Get whose row it is. */
const char *
clove_fault_row_get_name (CloveFaultRow *self)
{
  return self->name;
}

static void
update_label (CloveFaultRow *self)
{
  const char *place = gtk_label_get_label (self->place);
  g_autofree char *label = NULL;

  if (place[0] == '\0')
    /* Translators: a relay’s name and what is wrong with it */
    label = g_strdup_printf (_ ("\u2068%s\u2069: %s"), self->name,
                             gtk_label_get_label (self->fault));
  else
    /* Translators: a relay’s name, its place in the circuit, what is wrong with it */
    label = g_strdup_printf (_ ("\u2068%s\u2069, %s: %s"), self->name, place,
                             gtk_label_get_label (self->fault));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static const char *
choose_icon (CloveTone tone)
{
  switch (tone) {
    case CLOVE_TONE_GOOD:
      return "clove-cause-recovered-symbolic";
    case CLOVE_TONE_BAD:
      return "clove-cause-failed-symbolic";
    case CLOVE_TONE_PLAIN:
    case CLOVE_TONE_BUSY:
    case CLOVE_TONE_WARNING:
    default:
      return "clove-cause-strike-symbolic";
  }
}

/** clove_fault_row_set_relay: Show what is wrong with it. */
void
clove_fault_row_set_relay (CloveFaultRow *self, const CloveFaultRelay *relay)
{
  CloveTone tone = clove_describe_fault_tone (relay);
  g_autofree char *fault = clove_describe_fault (relay);

  if (g_str_equal (gtk_label_get_label (self->fault), fault))
    return;
  gtk_label_set_label (self->fault, fault);
  gtk_image_set_from_icon_name (self->icon, choose_icon (tone));
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), clove_tone_style (self->tone));
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), clove_tone_style (tone));
  self->tone = tone;
  update_label (self);
}

/** clove_fault_row_set_place: Show where in Clove's circuits it is. */
void
clove_fault_row_set_place (CloveFaultRow *self, CloveFaultPlace place)
{
  const char *text = clove_describe_fault_place (place);
  gboolean is_live = place <= CLOVE_FAULT_PLACE_EXIT;

  if (text == NULL)
    text = "";
  if (g_str_equal (gtk_label_get_label (self->place), text))
    return;
  gtk_label_set_label (self->place, text);
  gtk_widget_set_visible (GTK_WIDGET (self->place), text[0] != '\0');
  if (is_live)
    gtk_widget_add_css_class (GTK_WIDGET (self->place), "accent");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->place), "accent");
  update_label (self);
}
