/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-overview-page.h"

struct _CloveOverviewPage {
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (CloveOverviewPage, clove_overview_page, ADW_TYPE_BIN)

static void
clove_overview_page_class_init (CloveOverviewPageClass *klass)
{
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               CLOVE_RESOURCES "/ui/clove-overview-page.ui");
}

static void
clove_overview_page_init (CloveOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * clove_overview_page_show:
 *
 * Show @snapshot; @now_us is the monotonic time, for what counts down.
 */
void
clove_overview_page_show (CloveOverviewPage *self, CloveSnapshot *snapshot, gint64 now_us)
{
}

/** clove_overview_page_set_trouble: Say why the proxy went off by itself; %NULL if it did not. */
void
clove_overview_page_set_trouble (CloveOverviewPage *self, const char *trouble)
{
}
