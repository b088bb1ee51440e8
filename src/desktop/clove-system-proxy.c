/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything here blocks for as long as the disk and the desktop's settings take, some
 * milliseconds, when the user switches and at the end of the program: the order of the steps is
 * what keeps the user's own setting safe, and at the end there is no main loop any more.
 */
#include "config.h"

#include "clove-system-proxy.h"

#include "clove-desktop-error.h"
#include "clove-proxy-backend.h"
#include "clove-proxy-guard.h"
#include "clove-proxy-restore.h"

#define SANDBOX_MARK "/.flatpak-info"

struct _CloveSystemProxy {
  GObject parent_instance;

  /* Set at construction. */
  CloveDesktopKind desktop;
  const CloveProxyBackend *backend; /* NULL unless the desktop has one */
  CloveProcessMark own;
  gboolean has_own;

  /* Owned. */
  char *desktop_name;
  char *guard_program;
  CloveProxyLedger *ledger;
  CloveProxyGuard *guard; /* NULL unless the setting may be ours */
  GObject *watch;         /* likewise */
  char *url;              /* likewise: what was set last */
  GError *error;
  char *aside;

  CloveSystemProxyState state;
  gboolean may_be_ours; /* there may be a record of ours */
  gboolean is_writing;
};

G_DEFINE_FINAL_TYPE (CloveSystemProxy, clove_system_proxy, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* Takes the error, which belongs to the state. */
static void
set_state (CloveSystemProxy *self, CloveSystemProxyState state, GError *error)
{
  gboolean is_news = self->state != state || error != NULL;

  g_clear_error (&self->error);
  self->error = error;
  self->state = state;
  if (is_news)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* What is there now: ours, or somebody's. */
static void
look (CloveSystemProxy *self)
{
  g_auto (CloveProxyValues) values = { 0 };
  g_autofree char *url = NULL;

  if (self->is_writing || self->url == NULL || !self->backend->read (&values, NULL))
    return;
  url = self->backend->get_url (&values);
  set_state (self,
             g_strcmp0 (url, self->url) == 0 ? CLOVE_SYSTEM_PROXY_ON
                                             : CLOVE_SYSTEM_PROXY_OVERRIDDEN,
             NULL);
}

static void
stop_watching (CloveSystemProxy *self)
{
  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);
}

static void
start_watching (CloveSystemProxy *self)
{
  if (self->watch != NULL)
    return;
  self->watch = self->backend->watch ();
  if (self->watch != NULL)
    g_signal_connect_swapped (self->watch, "changed", G_CALLBACK (look), self);
}

static void
let_go (CloveSystemProxy *self)
{
  stop_watching (self);
  g_clear_pointer (&self->guard, clove_proxy_guard_dismiss);
  g_clear_pointer (&self->url, g_free);
  self->may_be_ours = FALSE;
}

/* What cannot be put back now stays guarded, and is tried again. */
static gboolean
put_back (CloveSystemProxy *self, GError **error)
{
  CloveProxyOutcome outcome = CLOVE_PROXY_NOTHING;

  if (!self->may_be_ours)
    return TRUE;
  stop_watching (self);
  if (!clove_proxy_restore_own (self->ledger, &self->own, &outcome, error))
    return FALSE;
  let_go (self);
  return TRUE;
}

static gboolean
check_support (CloveSystemProxy *self, gboolean is_sandboxed, GError **error)
{
  if (is_sandboxed) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_SANDBOXED,
                         "the settings of the desktop cannot be reached from a sandbox");
    return FALSE;
  }
  if (self->backend == NULL) {
    g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_UNKNOWN,
                         "this desktop has no system proxy that browsers follow");
    return FALSE;
  }
  return (self->has_own || clove_process_mark_get_own (&self->own, error)) &&
         self->backend->check (error);
}

/* Whatever the desktop is now: the record says whose setting it is about. */
static gboolean
heal (CloveSystemProxy *self, GError **error)
{
  CloveProxyOutcome outcome = CLOVE_PROXY_NOTHING;

  if (!clove_proxy_restore_stale (self->ledger, &self->own, &outcome, &self->aside, error))
    return FALSE;
  if (outcome == CLOVE_PROXY_SET_ASIDE)
    g_message ("What the system proxy was before Clove changed it cannot be read. The file is kept "
               "as “%s”; please look at the proxy settings of your desktop.",
               self->aside);
  else if (outcome == CLOVE_PROXY_RESTORED)
    g_info ("The system proxy that an earlier run left behind was put back");
  return TRUE;
}

static void
clove_system_proxy_dispose (GObject *object)
{
  CloveSystemProxy *self = CLOVE_SYSTEM_PROXY (object);

  /* A guard that still has something to do waits for the end of the process. */
  if (!put_back (self, NULL))
    self->guard = NULL;
  let_go (self);
  g_clear_pointer (&self->ledger, clove_proxy_ledger_free);
  g_clear_pointer (&self->guard_program, g_free);
  g_clear_pointer (&self->desktop_name, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->aside, g_free);

  G_OBJECT_CLASS (clove_system_proxy_parent_class)->dispose (object);
}

static void
clove_system_proxy_class_init (CloveSystemProxyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = clove_system_proxy_dispose;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
clove_system_proxy_init (CloveSystemProxy *self)
{
}

/**
 * clove_system_proxy_new:
 * @options: where things are
 *
 * Make the system proxy, and put back what a run before this one could not. Blocks for that.
 *
 * Returns: (transfer full): it, off or unsupported
 */
CloveSystemProxy *
clove_system_proxy_new (const CloveSystemProxyOptions *options)
{
  CloveSystemProxy *self = g_object_new (CLOVE_TYPE_SYSTEM_PROXY, NULL);
  g_autoptr (GError) why = NULL;
  GError *error = NULL;

  self->desktop = clove_desktop_kind_parse (options->current_desktop, &self->desktop_name);
  self->backend = clove_proxy_backend_get (self->desktop);
  self->ledger = clove_proxy_ledger_new (options->folder);
  self->guard_program = g_strdup (options->guard);
  self->has_own = clove_process_mark_get_own (&self->own, NULL);
  if (!options->is_sandboxed && !heal (self, &why)) {
    g_message ("The system proxy could not be put back: %s", why->message);
    self->state = CLOVE_SYSTEM_PROXY_FAILED;
  }
  if (!check_support (self, options->is_sandboxed, &error))
    self->state = CLOVE_SYSTEM_PROXY_UNSUPPORTED;
  else if (why == NULL)
    self->state = CLOVE_SYSTEM_PROXY_OFF;
  self->error = error != NULL ? error : g_steal_pointer (&why);
  return self;
}

/** clove_system_proxy_new_default: (transfer full): Make that of the desktop we run on. */
CloveSystemProxy *
clove_system_proxy_new_default (void)
{
  g_autofree char *folder = clove_proxy_ledger_get_default_folder ();
  g_autofree char *guard = clove_proxy_guard_find_program ();
  CloveSystemProxyOptions options = {
    .current_desktop = g_getenv ("XDG_CURRENT_DESKTOP"),
    .is_sandboxed = g_file_test (SANDBOX_MARK, G_FILE_TEST_EXISTS),
    .folder = folder,
    .guard = guard,
  };

  return clove_system_proxy_new (&options);
}

/* What is to be put back in the end: what the user has now, unless that is ours. Returns: (transfer
 * full) (nullable) */
static CloveProxyRecord *
prepare_record (CloveSystemProxy *self, const char *url, GError **error)
{
  g_autoptr (CloveProxyRecord) record = NULL;
  g_auto (CloveProxyValues) now = { 0 };
  g_autofree char *now_url = NULL;

  if (!clove_proxy_ledger_load (self->ledger, &record, error) || !self->backend->read (&now, error))
    return NULL;
  if (record != NULL && !clove_process_mark_equal (&record->owner, &self->own)) {
    if (clove_process_mark_is_alive (&record->owner))
      g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_BUSY,
                           "another Clove that runs has set it");
    else
      g_set_error_literal (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_FAILED,
                           "what an earlier run changed could not be put back");
    return NULL;
  }
  now_url = self->backend->get_url (&now);
  if (record != NULL && clove_proxy_record_has_url (record, now_url)) {
    clove_proxy_record_move (record, url);
    return g_steal_pointer (&record);
  }
  g_clear_pointer (&record, clove_proxy_record_free);
  record = clove_proxy_record_new (self->desktop, &self->own, url);
  clove_proxy_values_set (&record->old, now.place, now.mode, now.url);
  return g_steal_pointer (&record);
}

/* The record first, then the guard, then the setting: whatever ends us between two of them, there
 * is somebody who can put it back. */
static gboolean
set_locked (CloveSystemProxy *self, const char *url, GError **error)
{
  g_autoptr (CloveProxyRecord) record = prepare_record (self, url, error);
  g_auto (CloveProxyValues) ours = { 0 };

  if (record == NULL || !clove_proxy_ledger_save (self->ledger, record, error))
    return FALSE;
  if (self->guard == NULL)
    self->guard = clove_proxy_guard_new (self->guard_program,
                                         clove_proxy_ledger_get_folder (self->ledger), &self->own);
  self->backend->make (&ours, url);
  return self->backend->write (&ours, error);
}

/**
 * clove_system_proxy_set:
 * @self: a system proxy
 * @url: where the automatic configuration is
 *
 * Have the desktop ask for its proxies at @url. Blocks.
 *
 * Returns: whether it does; if not, the state and the error say why
 */
gboolean
clove_system_proxy_set (CloveSystemProxy *self, const char *url)
{
  GError *error = NULL;
  gboolean is_set = FALSE;

  if (self->state == CLOVE_SYSTEM_PROXY_UNSUPPORTED)
    return FALSE;
  self->is_writing = TRUE;
  if (clove_proxy_ledger_lock (self->ledger, &error)) {
    self->may_be_ours = TRUE;
    is_set = set_locked (self, url, &error);
    clove_proxy_ledger_unlock (self->ledger);
  }
  self->is_writing = FALSE;
  if (!is_set) {
    /* Perhaps a part of it is there. */
    (void) put_back (self, NULL);
    set_state (self, CLOVE_SYSTEM_PROXY_FAILED, error);
    return FALSE;
  }
  g_free (self->url);
  self->url = g_strdup (url);
  start_watching (self);
  set_state (self, CLOVE_SYSTEM_PROXY_ON, NULL);
  return TRUE;
}

/**
 * clove_system_proxy_restore:
 *
 * Put back what the user had, unless somebody set something else meanwhile. Harmless when nothing
 * was set. Blocks.
 *
 * Returns: whether all is well; if not, the state and the error say why, and the next start of the
 *   program tries again
 */
gboolean
clove_system_proxy_restore (CloveSystemProxy *self)
{
  GError *error = NULL;
  gboolean is_good = FALSE;

  if (self->state == CLOVE_SYSTEM_PROXY_UNSUPPORTED)
    return TRUE;
  is_good = put_back (self, &error);
  set_state (self, is_good ? CLOVE_SYSTEM_PROXY_OFF : CLOVE_SYSTEM_PROXY_FAILED, error);
  return is_good;
}

/** clove_system_proxy_get_state: Get how it is. */
CloveSystemProxyState
clove_system_proxy_get_state (CloveSystemProxy *self)
{
  return self->state;
}

/** clove_system_proxy_get_desktop: (nullable): Get what people call the desktop. */
const char *
clove_system_proxy_get_desktop (CloveSystemProxy *self)
{
  return self->desktop_name;
}

/** clove_system_proxy_get_url: (nullable): Get what was set, whether it still is or not. */
const char *
clove_system_proxy_get_url (CloveSystemProxy *self)
{
  return self->url;
}

/** clove_system_proxy_get_error: (nullable): Get why it is unsupported, or failed. */
const GError *
clove_system_proxy_get_error (CloveSystemProxy *self)
{
  return self->error;
}

/** clove_system_proxy_get_aside: (nullable): Get where a record is kept that could not be read. */
const char *
clove_system_proxy_get_aside (CloveSystemProxy *self)
{
  return self->aside;
}
