/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-activity-page.h"

struct _CloveActivityPage {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveActivityPage, clove_activity_page, ADW_TYPE_BIN)

static void
clove_activity_page_class_init (CloveActivityPageClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               CLOVE_RESOURCES "/ui/clove-activity-page.ui");
}

static void
clove_activity_page_init (CloveActivityPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * clove_activity_page_show:
 *
 * Show @snapshot; @now_us is the monotonic time, for what counts down.
 */
void
clove_activity_page_show (CloveActivityPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
}
