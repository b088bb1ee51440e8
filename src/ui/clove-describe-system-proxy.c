/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "clove-describe-system-proxy.h"

#include "clove-desktop-error.h"

#include <glib/gi18n.h>

static char *
describe_unknown (const char *desktop)
{
  if (desktop == NULL)
    return g_strdup (_ ("This desktop has no proxy settings that browsers follow. Set your "
                        "browsers up by hand."));
  /* Translators: %s is the name of a desktop, such as XFCE */
  return g_strdup_printf (_ ("Browsers do not follow the proxy settings of \u2068%s\u2069. Set "
                             "them up by hand."),
                          desktop);
}

static char *
describe_unsupported (CloveSystemProxy *proxy)
{
  const GError *error = clove_system_proxy_get_error (proxy);
  const char *desktop = clove_system_proxy_get_desktop (proxy);

  switch ((CloveDesktopError) error->code) {
    case CLOVE_DESKTOP_ERROR_SANDBOXED:
      return g_strdup (_ ("Clove runs in a sandbox, out of reach of the desktop’s settings. Set "
                          "your browsers up by hand."));
    case CLOVE_DESKTOP_ERROR_UNKNOWN:
      return describe_unknown (desktop);
    case CLOVE_DESKTOP_ERROR_LOCKED:
      return g_strdup (_ ("The proxy settings of this computer are locked. Set your browsers up "
                          "by hand."));
    case CLOVE_DESKTOP_ERROR_NO_SETTINGS:
    case CLOVE_DESKTOP_ERROR_BUSY:
    case CLOVE_DESKTOP_ERROR_GARBLED:
    case CLOVE_DESKTOP_ERROR_FAILED:
    default:
      /* Translators: the first %s is a desktop, such as GNOME, the second what is wrong */
      return g_strdup_printf (_ ("The proxy settings of \u2068%s\u2069 cannot be used: "
                                 "\u2068%s\u2069. Set your browsers up by hand."),
                              desktop, error->message);
  }
}

static char *
describe_failed (const GError *error)
{
  if (g_error_matches (error, CLOVE_DESKTOP_ERROR, CLOVE_DESKTOP_ERROR_BUSY))
    return g_strdup (_ ("Another Clove is running and has set the system proxy."));
  /* Translators: %s is what is wrong */
  return g_strdup_printf (_ ("The system proxy could not be changed: \u2068%s\u2069."),
                          error->message);
}

static char *
describe_off (CloveSystemProxy *proxy, gboolean is_wanted)
{
  const char *aside = clove_system_proxy_get_aside (proxy);

  if (aside != NULL)
    /* Translators: %s is the path of a file */
    return g_strdup_printf (_ ("What the system proxy was before cannot be read. The file is kept "
                               "as “\u2068%s\u2069”; please look at the proxy settings of your "
                               "desktop."),
                            aside);
  if (is_wanted)
    return g_strdup (_ ("It will be set as soon as the proxy is on."));
  /* Translators: %s is the name of a desktop, such as GNOME */
  return g_strdup_printf (_ ("Changes the settings of \u2068%s\u2069 while the proxy is on, and "
                             "puts back afterwards what was there."),
                          clove_system_proxy_get_desktop (proxy));
}

/**
 * clove_describe_system_proxy:
 * @proxy: a system proxy
 * @is_wanted: whether the user wants it to be set
 *
 * Returns: (transfer full): whole sentences that say how it is, and what can be done
 */
char *
clove_describe_system_proxy (CloveSystemProxy *proxy, gboolean is_wanted)
{
  switch (clove_system_proxy_get_state (proxy)) {
    case CLOVE_SYSTEM_PROXY_ON:
      /* Translators: %s is the name of a desktop, such as GNOME */
      return g_strdup_printf (_ ("Set in \u2068%s\u2069 now. What was there before is put back "
                                 "when the proxy is switched off or Clove quits."),
                              clove_system_proxy_get_desktop (proxy));
    case CLOVE_SYSTEM_PROXY_OVERRIDDEN:
      return g_strdup (_ ("Another program changed the system proxy, and Clove leaves it as it "
                          "is. Switch this off and on to set it again."));
    case CLOVE_SYSTEM_PROXY_FAILED:
      return describe_failed (clove_system_proxy_get_error (proxy));
    case CLOVE_SYSTEM_PROXY_OFF:
      return describe_off (proxy, is_wanted);
    case CLOVE_SYSTEM_PROXY_UNSUPPORTED:
    default:
      return describe_unsupported (proxy);
  }
}
