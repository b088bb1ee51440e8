/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of causes: what is listed, in which order, what is copied, and that it stays put. */
#include "config.h"

#include "clove-cause-row.h"
#include "clove-log-page.h"
#include "made-snapshots.h"
#include "picture.h"
#include "stage.h"

typedef struct {
  CloveLogPage *page;
  GtkWidget *window;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->page = g_object_new (CLOVE_TYPE_LOG_PAGE, NULL);
  fixture->window = stage_window_new (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  stage_close (fixture->window);
}

static void
cause_free (gpointer data)
{
  CloveSnapshotCause *cause = data;

  g_free (cause->detail);
  g_free (cause->redacted);
  g_free (cause);
}

/* Causes @first to @last; each fourth one begins another circuit. */
static CloveSnapshot *
make_snapshot (guint64 first, guint64 last, gint64 time_s)
{
  CloveSnapshot *snapshot = clove_snapshot_new ();

  g_clear_pointer (&snapshot->causes, g_ptr_array_unref);
  snapshot->causes = g_ptr_array_new_with_free_func (cause_free);
  for (guint64 serial = first; serial <= last; serial++) {
    CloveSnapshotCause *cause = g_new0 (CloveSnapshotCause, 1);

    cause->serial = serial;
    cause->time_s = time_s + (gint64) serial;
    cause->generation = serial / 4;
    cause->kind = serial % 4 == 0 ? "rebuilt" : "strike";
    cause->number = (guint) (serial % 4);
    cause->detail = g_strdup (serial % 4 == 0 ? "relay5, relay2, relay3" : "a probe was lost");
    cause->redacted = g_strdup_printf ("cause %u.", (guint) serial);
    g_ptr_array_add (snapshot->causes, cause);
  }
  return snapshot;
}

static void
show (Fixture *fixture, guint64 first, guint64 last, gint64 time_s)
{
  g_autoptr (CloveSnapshot) snapshot = make_snapshot (first, last, time_s);

  clove_log_page_show (fixture->page, snapshot, MADE_NOW_US);
}

static void
collect (GtkWidget *widget, GPtrArray *rows)
{
  if (CLOVE_IS_CAUSE_ROW (widget))
    g_ptr_array_add (rows, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, rows);
}

static GPtrArray *
get_rows (Fixture *fixture)
{
  GPtrArray *rows = g_ptr_array_new ();

  collect (stage_find (GTK_WIDGET (fixture->page), "groups"), rows);
  return rows;
}

static guint64
get_serial (const GPtrArray *rows, guint i)
{
  return clove_cause_row_get_serial (g_ptr_array_index (rows, i));
}

static void
test_new_destroy (Fixture *fixture, gconstpointer user_data)
{
  g_assert_nonnull (stage_find_label (fixture->window, "Nothing happened yet"));
  g_assert_false (gtk_widget_get_visible (stage_find (fixture->window, "tools")));
}

/* The newest on top; what is known keeps its row, what was forgotten goes. */
static void
test_order (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;

  show (fixture, 1, 6, 0);
  before = get_rows (fixture);
  g_assert_cmpuint (before->len, ==, 6);
  for (guint i = 0; i < before->len; i++)
    g_assert_cmpuint (get_serial (before, i), ==, 6 - i);
  show (fixture, 4, 9, 0);
  after = get_rows (fixture);
  g_assert_cmpuint (after->len, ==, 6);
  for (guint i = 0; i < after->len; i++)
    g_assert_cmpuint (get_serial (after, i), ==, 9 - i);
  /* Serial 6 is the same widget. */
  g_assert_true (g_ptr_array_index (before, 0) == g_ptr_array_index (after, 3));
  g_assert_nonnull (stage_find_label (fixture->window, "Circuit 2"));
  g_assert_nonnull (stage_find_label (fixture->window, "Circuit 1"));
  g_assert_null (stage_find_label (fixture->window, "Before the first circuit"));
}

/* Another engine counts from 1 again, or happens to have come as far. */
static void
test_other_engine (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (CloveSnapshot) never_on = clove_snapshot_new ();

  show (fixture, 1, 6, 0);
  show (fixture, 1, 6, 1000);
  rows = get_rows (fixture);
  g_assert_cmpuint (rows->len, ==, 6);
  g_assert_cmpint (clove_cause_row_get_time_s (g_ptr_array_index (rows, 0)), ==, 1006);
  show (fixture, 1, 2, 2000);
  others = get_rows (fixture);
  g_assert_cmpuint (others->len, ==, 2);
  clove_log_page_show (fixture->page, never_on, MADE_NOW_US);
  g_assert_nonnull (stage_find_label (fixture->window, "Nothing happened yet"));
}

static void
test_filter (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) rows = NULL;

  show (fixture, 1, 3, 0);
  gtk_widget_activate_action (GTK_WIDGET (fixture->page), "log.filter", "s", "circuits");
  picture_settle (fixture->window);
  g_assert_nonnull (stage_find_label (fixture->window, "No circuit was built or lost"));
  show (fixture, 1, 6, 0);
  picture_settle (fixture->window);
  rows = get_rows (fixture);
  for (guint i = 0; i < rows->len; i++)
    g_assert_cmpint (gtk_widget_get_mapped (g_ptr_array_index (rows, i)), ==,
                     get_serial (rows, i) == 4);
  gtk_widget_activate_action (GTK_WIDGET (fixture->page), "log.filter", "s", "everything");
  picture_settle (fixture->window);
  for (guint i = 0; i < rows->len; i++)
    g_assert_true (gtk_widget_get_mapped (g_ptr_array_index (rows, i)));
}

/* What is copied names no site, each line begins with a time that any program reads. */
static void
test_copy (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (CloveSnapshot) snapshot = made_snapshot ("rebuilding");
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  clove_log_page_show (fixture->page, snapshot, MADE_NOW_US);
  gtk_widget_activate_action (GTK_WIDGET (fixture->page), "log.copy", NULL);
  text = stage_read_clipboard (fixture->window);
  g_assert_nonnull (text);
  g_assert_null (strstr (text, "demo.ton"));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, snapshot->causes->len + 1);
  for (guint i = 0; i < snapshot->causes->len; i++) {
    const CloveSnapshotCause *cause = g_ptr_array_index (snapshot->causes, i);
    g_auto (GStrv) words = g_strsplit (lines[i], " ", 2);
    g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (words[0], NULL);

    g_assert_nonnull (time);
    g_assert_cmpint (g_date_time_to_unix (time), ==, cause->time_s);
    g_assert_cmpstr (words[1], ==, cause->redacted);
  }
  picture_settle (fixture->window);
  g_assert_nonnull (
    stage_find_label (fixture->window, "Log copied, without the names of sites"));
}

static gdouble
get_place (Fixture *fixture, GtkWidget *row)
{
  GtkWidget *scroller = stage_find (GTK_WIDGET (fixture->page), "scroller");
  graphene_rect_t bounds = { 0 };

  g_assert_true (gtk_widget_compute_bounds (row, scroller, &bounds));
  return bounds.origin.y;
}

/* Who reads further down keeps his line; who is on top sees the newest. */
static void
test_scroll (Fixture *fixture, gconstpointer user_data)
{
  GtkWidget *scroller = stage_find (GTK_WIDGET (fixture->page), "scroller");
  GtkAdjustment *position =
    gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  g_autoptr (GPtrArray) rows = NULL;
  gdouble place = 0;

  show (fixture, 1, 60, 0);
  picture_settle (fixture->window);
  show (fixture, 1, 63, 0);
  picture_settle (fixture->window);
  g_assert_cmpfloat (gtk_adjustment_get_value (position), <, 0.5);
  rows = get_rows (fixture);
  gtk_adjustment_set_value (position, 1000);
  picture_settle (fixture->window);
  place = get_place (fixture, g_ptr_array_index (rows, 20));
  /* Two more, a new group, and three gone at the end. */
  show (fixture, 4, 65, 0);
  picture_settle (fixture->window);
  g_assert_cmpfloat_with_epsilon (get_place (fixture, g_ptr_array_index (rows, 20)), place, 1);
  g_assert_cmpfloat (gtk_adjustment_get_value (position), >, 1000);
}

static void
test_names (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autofree char *label = NULL;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (5);
  g_autofree char *clock = g_date_time_format (time, "%H:%M:%S");

  show (fixture, 1, 5, 0);
  rows = get_rows (fixture);
  label = g_strconcat (clock, ", Failure 1 of 3 in a row: a probe was lost", NULL);
  gtk_test_accessible_assert_property (g_ptr_array_index (rows, 0),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, label);
  gtk_test_accessible_assert_role (gtk_widget_get_parent (g_ptr_array_index (rows, 0)),
                                   GTK_ACCESSIBLE_ROLE_LIST);
}

static void
test_pictures (Fixture *fixture, gconstpointer user_data)
{
  static const char *const names[] = { "off", "recovered", "offline" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (CloveSnapshot) snapshot = made_snapshot (names[i]);
    g_autofree char *name = g_strconcat ("log-page-", names[i], NULL);

    clove_log_page_show (fixture->page, snapshot, MADE_NOW_US);
    picture_take_looks (fixture->window, name);
  }
  show (fixture, 1, 30, 1795356131);
  picture_take_looks (fixture->window, "log-page-long");
}

int
main (int argc, char *argv[])
{
  stage_begin (&argc, &argv);
#define ADD(name, function) \
  g_test_add ("/clove/ui/log/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("new-destroy", test_new_destroy);
  ADD ("order", test_order);
  ADD ("other-engine", test_other_engine);
  ADD ("filter", test_filter);
  ADD ("copy", test_copy);
  ADD ("scroll", test_scroll);
  ADD ("names", test_names);
  ADD ("pictures", test_pictures);
  return stage_run ();
}
