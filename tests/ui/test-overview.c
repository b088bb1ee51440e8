/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The overview: what it shows of each state, in words for eyes and for screen readers. */
#include "config.h"

#include "clove-application.h"
#include "clove-circuit-row.h"
#include "clove-hop-card.h"
#include "clove-manual-relays.h"
#include "clove-notice.h"
#include "clove-overview-page.h"
#include "clove-port.h"
#include "clove-setup-window.h"
#include "clove-short-list.h"
#include "clove-strikes-view.h"
#include "made-snapshots.h"
#include "picture.h"

/* Brings the style sheet and the icons; one for the whole program. */
static CloveApplication *application;

static void
register_application (void)
{
  g_autoptr (GError) error = NULL;

  application = clove_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, &error));
  g_assert_no_error (error);
  g_object_set (gtk_settings_get_default (), "gtk-font-name", "Cantarell 11",
                "gtk-enable-animations", FALSE, NULL);
}

typedef struct {
  CloveOverviewPage *page;
  GtkWidget *window;
} Fixture;

static const CloveSituation on_ton = { .is_on = TRUE, .listen = "127.0.0.1:8080" };

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->page = g_object_new (CLOVE_TYPE_OVERVIEW_PAGE, NULL);
  fixture->window = picture_window_new (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
show (Fixture *fixture, CloveSnapshot *snapshot, const CloveSituation *situation)
{
  clove_overview_page_set_situation (fixture->page, situation);
  clove_overview_page_show (fixture->page, snapshot, MADE_NOW_US);
}

static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < n_made_snapshots; i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshots[i].make ();
    g_autofree char *name = g_strdup_printf ("o-%s", made_snapshots[i].name);

    show (fixture, snapshot, &on_ton);
    picture_take_looks (fixture->window, name);
  }
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  register_application ();
#define ADD(name, function) \
  g_test_add ("/clove/ui/overview/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("pictures", test_pictures);
  return g_test_run ();
}
