/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said when there is no circuit to show. Pure. */
#include "config.h"

#include "clove-notice.h"

#include "clove-describe.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

static void
set_button (CloveNotice *out,
            guint number,
            const char *label,
            const char *action,
            const char *target)
{
  out->buttons[number].label = g_strdup (label);
  out->buttons[number].action = action;
  out->buttons[number].target = target;
}

static void
offer_demo (CloveNotice *out, guint number)
{
  set_button (out, number, _ ("Try the _demo"), "app.use-network", "demo");
}

static void
offer_ton (CloveNotice *out, guint number)
{
  set_button (out, number, _ ("_Connect to TON"), "app.use-network", "tonnet");
}

static void
fill_first_run (CloveNotice *out)
{
  out->icon = CLOVE_APP_ID;
  out->title = g_strdup (_ ("Welcome to Clove"));
  out->description =
    g_strdup (_ ("Clove opens TON sites in the browser that you already use. Every request goes "
                 "through three relays, so that none of them knows both you and the site."));
  offer_demo (out, 0);
  offer_ton (out, 1);
}

static void
fill_off (CloveNotice *out)
{
  out->icon = "clove-off-symbolic";
  out->title = g_strdup (_ ("The proxy is off"));
  out->description = g_strdup (_ ("TON sites cannot be opened until you switch it on."));
  set_button (out, 0, _ ("_Switch on"), "app.toggle", NULL);
}

static void
fill_starting (CloveNotice *out)
{
  out->icon = "clove-connecting-symbolic";
  out->title = g_strdup (_ ("Starting the demo"));
  out->description =
    g_strdup (_ ("Relays and a site of our own are being started on this computer."));
}

static void
fill_trouble (CloveNotice *out, const CloveSituation *situation, const char *trouble)
{
  g_autofree char *detail = clove_describe_detail (trouble);

  out->icon = "clove-degraded-symbolic";
  out->title = g_strdup (_ ("Clove switched itself off"));
  /* Translators: %s is a clause such as “the demo network has ended” */
  out->description = g_strdup_printf (_ ("It could not go on: %s."), detail);
  if (situation->is_demo) {
    set_button (out, 0, _ ("Start the _demo again"), "app.use-network", "demo");
    offer_ton (out, 1);
  } else {
    set_button (out, 0, _ ("_Switch on again"), "app.toggle", NULL);
    offer_demo (out, 1);
  }
}

static void
fill_no_directory (CloveNotice *out, const CloveSnapshot *snapshot, gint64 now_us)
{
  g_autofree char *why = clove_describe_detail (snapshot->problem);
  g_autofree char *left = clove_describe_countdown (snapshot->next_try_us - now_us);

  out->icon = "clove-degraded-symbolic";
  out->title = clove_describe_title (snapshot);
  if (snapshot->problem == NULL)
    out->description = g_strdup_printf (
      /* Translators: %s is a countdown such as 0:09 */
      _ ("Without it no circuit can be built. The next try is in %s."), left);
  else
    out->description = g_strdup_printf (
      /* Translators: a clause that says why, and a countdown such as 0:09 */
      _ ("Without it no circuit can be built. What was seen: %1$s. The next try is in %2$s."), why,
      left);
  set_button (out, 0, _ ("Try _again"), "app.reload-directory", NULL);
  offer_demo (out, 1);
}

static void
fill_offline (CloveNotice *out, const CloveSnapshot *snapshot, const CloveSituation *situation)
{
  out->icon = "network-offline-symbolic";
  out->title = clove_describe_title (snapshot);
  out->description = g_strdup (_ ("Circuits are kept, and no relay is blamed. Clove goes on by "
                                  "itself as soon as the network is back."));
  if (!situation->is_demo)
    offer_demo (out, 0);
}

static void
fill_port_taken (CloveNotice *out, const CloveSituation *situation, const CloveTakenPort *taken)
{
  const char *listen = situation->listen != NULL ? situation->listen : "";
  g_autofree char *label = NULL;

  out->title = g_strdup_printf (_ ("Port %u is taken"), taken->port);
  out->description =
    taken->is_clove
      ? g_strdup_printf (_ ("Clove already runs at \u2068%s\u2069, started in another way, and can "
                            "be used there."),
                         listen)
      : g_strdup_printf (_ ("Another program listens at \u2068%s\u2069. Clove can use another "
                            "port; tell the browser of it."),
                         listen);
  if (taken->free_port == 0)
    return;
  label = g_strdup_printf (_ ("_Use port %u"), taken->free_port);
  set_button (out, 0, label, "app.use-next-port", NULL);
}

static void
fill_failed (CloveNotice *out,
             const CloveSnapshot *snapshot,
             const CloveSituation *situation,
             const CloveTakenPort *taken)
{
  guint next = 0;

  out->icon = "clove-degraded-symbolic";
  if (snapshot->problem_code == G_IO_ERROR_ADDRESS_IN_USE && taken->port != 0) {
    fill_port_taken (out, situation, taken);
    next = out->buttons[0].label != NULL ? 1 : 0;
  } else {
    out->title = clove_describe_title (snapshot);
    out->description = clove_describe_detail (snapshot->problem);
  }
  set_button (out, next, _ ("Try _again"), "app.use-network",
              situation->is_demo ? "demo" : "tonnet");
}

static gboolean
fill_off_state (CloveNotice *out, const CloveSituation *situation, const char *trouble)
{
  if (situation->is_on)
    fill_starting (out);
  else if (trouble != NULL)
    fill_trouble (out, situation, trouble);
  else if (situation->is_first_run)
    fill_first_run (out);
  else
    fill_off (out);
  return TRUE;
}

/**
 * clove_notice_fill:
 * @out: (out caller-allocates): what is to be said, if something is
 * @snapshot: how things are
 * @situation: what the engine does not know
 * @taken: what is known of a port that is taken
 * @trouble: (nullable): why it went off by itself
 * @now_us: the monotonic time, for what counts down
 *
 * Returns: whether there is something to say instead of showing a circuit
 */
gboolean
clove_notice_fill (CloveNotice *out,
                   const CloveSnapshot *snapshot,
                   const CloveSituation *situation,
                   const CloveTakenPort *taken,
                   const char *trouble,
                   gint64 now_us)
{
  *out = (CloveNotice){ 0 };
  switch (snapshot->state) {
    case CLOVE_ENGINE_OFF:
      return fill_off_state (out, situation, trouble);
    case CLOVE_ENGINE_OFFLINE:
      fill_offline (out, snapshot, situation);
      return TRUE;
    case CLOVE_ENGINE_FAILED:
      fill_failed (out, snapshot, situation, taken);
      return TRUE;
    case CLOVE_ENGINE_WAITING:
      if (snapshot->n_relays > 0)
        return FALSE;
      fill_no_directory (out, snapshot, now_us);
      return TRUE;
    case CLOVE_ENGINE_LOADING:
    case CLOVE_ENGINE_BUILDING:
    case CLOVE_ENGINE_CONNECTED:
    case CLOVE_ENGINE_REBUILDING:
    case CLOVE_ENGINE_STOPPING:
    default:
      return FALSE;
  }
}

/** clove_notice_clear: Free what @self owns. */
void
clove_notice_clear (CloveNotice *self)
{
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->description, g_free);
  for (guint i = 0; i < CLOVE_NOTICE_N_BUTTONS; i++)
    g_clear_pointer (&self->buttons[i].label, g_free);
}
