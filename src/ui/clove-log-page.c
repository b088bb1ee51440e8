/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-log-page.h"

struct _CloveLogPage {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveLogPage, clove_log_page, ADW_TYPE_BIN)

static void
clove_log_page_class_init (CloveLogPageClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               CLOVE_RESOURCES "/ui/clove-log-page.ui");
}

static void
clove_log_page_init (CloveLogPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/** clove_log_page_show: Show @snapshot; @now_us is the monotonic time, for what counts down. */
void
clove_log_page_show (CloveLogPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
}
