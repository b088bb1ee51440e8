/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-relays-page.h"

struct _CloveRelaysPage {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveRelaysPage, clove_relays_page, ADW_TYPE_BIN)

static void
clove_relays_page_class_init (CloveRelaysPageClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               CLOVE_RESOURCES "/ui/clove-relays-page.ui");
}

static void
clove_relays_page_init (CloveRelaysPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** clove_relays_page_show: Show @snapshot; @now_us is the monotonic time, for what counts down. */
void
clove_relays_page_show (CloveRelaysPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
}
