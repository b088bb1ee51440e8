/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The proxy's own pages. A browser shows them as pages of the site that was asked for, whose
 * scripts can read them: they hold nothing that the site may not know, no relays, no addresses.
 */
#include "config.h"

#include "clove-error-page.h"

#include <string.h>

#define MAX_DETAIL_SIZE 300
#define RETRY_TEXT      G_STRINGIFY (CLOVE_ERROR_PAGE_RETRY_S)
#define MADE_BY         "This page was made by the proxy, Clove, not by the site."

typedef struct {
  guint status;
  const char *phrase;
  const char *title;
  const char *advice;
} Text;

static const char check_program[] =
  "This comes from the program that asked, not from the site. Check the address and try again.";

static const Text texts[] = {
  { 400, "Bad Request", "The request is not valid", check_program },
  { 403, "Forbidden", "Only TON sites are opened here",
    "Open other addresses without this proxy, or let the browser choose by the proxy’s "
    "automatic configuration file, which it offers as /proxy.pac." },
  { 405, "Method Not Allowed", "This kind of request is not allowed", check_program },
  { 408, "Request Timeout", "The request did not arrive in time", "Load the page again." },
  { 413, "Content Too Large", "The request is too large",
    "A circuit carries requests of up to about 8 kB. Send less at once, for example a shorter "
    "text or no file." },
  { 414, "URI Too Long", "The address is too long", "Shorten the address and try again." },
  { 417, "Expectation Failed", "The request asks for something unknown", check_program },
  { 431, "Request Header Fields Too Large", "The request has too large a head",
    "Deleting the site’s cookies often helps." },
  { 501, "Not Implemented", "This cannot be done through the proxy",
    "Open the site with http:// at the start of its address. The way to the site is encrypted "
    "all the same." },
  { 502, "Bad Gateway", "The page was lost on its way",
    "Load the page again. When a circuit fails repeatedly, it is replaced without your doing." },
  { 503, "Service Unavailable", "Not connected yet",
    "A circuit is being built. Load the page again in a few seconds." },
  { 504, "Gateway Timeout", "No answer came in time",
    "The site may be slow or the circuit may have failed. Load the page again." },
  { 505, "HTTP Version Not Supported", "This version of HTTP is not spoken here", check_program },
};

static const Text site_text = {
  502, "Bad Gateway", "The site cannot be reached",
  "Check the spelling of its name. If it is right, the site itself is probably offline: the "
  "circuit works."
};

static const char page_start[] =
  "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
  "<meta name=\"color-scheme\" content=\"light dark\">\n";
static const char page_refresh[] = "<meta http-equiv=\"refresh\" content=\"" RETRY_TEXT "\">\n";
static const char page_style[] =
  "</title>\n<style>\n"
  ":root { --page: #f6f7f4; --card: #ffffff; --text: #17211b; --soft: #4f5d54;\n"
  "  --line: #d5dbd4; --leaf: #1f6d43; }\n"
  "@media (prefers-color-scheme: dark) {\n"
  "  :root { --page: #121814; --card: #1a231d; --text: #e9f0ea; --soft: #a9b8ae;\n"
  "    --line: #2f3d35; --leaf: #6fcf97; }\n}\n"
  "* { box-sizing: border-box; }\n"
  "body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;\n"
  "  background: var(--page); color: var(--text); font: 1.0625rem/1.55 system-ui, sans-serif; }\n"
  "main { width: 100%; max-width: 36rem; padding: clamp(1.25rem, 6vw, 2.5rem);\n"
  "  border: 1px solid var(--line); border-top: 4px solid var(--leaf); border-radius: .75rem;\n"
  "  background: var(--card); overflow-wrap: anywhere; }\n"
  "h1 { margin: 0 0 1rem; font-size: 1.625rem; font-weight: 700; line-height: 1.25; }\n"
  "p { margin: 0 0 1rem; }\n"
  "a { display: inline-block; padding: .55rem 1.1rem; border-radius: .6rem; font-weight: 600;\n"
  "  background: var(--leaf); color: var(--page); text-decoration: none; }\n"
  "a:focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; }\n"
  "footer { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line);\n"
  "  color: var(--soft); font-size: .875rem; }\n"
  "</style>\n</head>\n<body>\n<main>\n<h1>";

static const Text *
find_text (const CloveErrorPage *page)
{
  if (page->is_site_error)
    return &site_text;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    if (texts[i].status == page->status)
      return &texts[i];
  }
  g_return_val_if_reached (&texts[0]);
}

static gboolean
is_address_char (char c)
{
  return g_ascii_isxdigit (c) || c == '.' || c == ':' || c == '[' || c == ']';
}

/* Tell whether a word reads as an IPv4 or IPv6 address, with or without a port. */
static gboolean
looks_like_address (const char *word, gsize size)
{
  guint n_dots = 0;
  guint n_colons = 0;

  for (gsize i = 0; i < size; i++) {
    n_dots += word[i] == '.' ? 1 : 0;
    n_colons += word[i] == ':' ? 1 : 0;
  }
  return n_dots >= 3 || n_colons >= 2;
}

/* The exit's words may name the addresses that it failed to reach. */
static char *
hide_addresses (const char *detail)
{
  GString *out = g_string_new (NULL);

  while (*detail != '\0') {
    gsize size = 0;

    while (is_address_char (detail[size]))
      size++;
    if (looks_like_address (detail, size))
      g_string_append (out, "(address)");
    else
      g_string_append_len (out, detail, (gssize) MAX (size, 1));
    detail += MAX (size, 1);
  }
  return g_string_free (out, FALSE);
}

static char *
clean_detail (const CloveErrorPage *page)
{
  g_autofree char *valid = g_utf8_make_valid (page->detail, -1);

  if (strlen (valid) > MAX_DETAIL_SIZE) {
    char *end = g_utf8_find_prev_char (valid, valid + MAX_DETAIL_SIZE + 1);

    *end = '\0';
  }
  for (char *p = valid; *p != '\0'; p++) {
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  }
  return page->is_site_error ? hide_addresses (valid) : g_steal_pointer (&valid);
}

static void
append_paragraph (CloveBuffer *out, const char *before, const char *text, const char *after)
{
  clove_buffer_append_text (out, before);
  clove_buffer_append_text (out, text);
  clove_buffer_append_text (out, after);
}

/* Whether the same request may well succeed a little later. */
static gboolean
is_passing (guint status)
{
  return status == 502 || status == 503 || status == 504;
}

static void
append_status (const CloveErrorPage *self, const Text *text, CloveBuffer *out)
{
  clove_buffer_append_text (out, "Status ");
  clove_buffer_append_number (out, self->status, 10);
  append_paragraph (out, " ", text->phrase, ". " MADE_BY);
}

static void
format_html (const CloveErrorPage *self, const Text *text, CloveBuffer *out)
{
  gboolean reloads = self->can_reload && self->status == 503;

  clove_buffer_append_text (out, page_start);
  if (reloads)
    clove_buffer_append_text (out, page_refresh);
  append_paragraph (out, "<title>", text->title, page_style);
  append_paragraph (out, "", text->title, "</h1>\n");
  if (self->detail != NULL) {
    g_autofree char *clean = clean_detail (self);
    g_autofree char *detail = g_markup_escape_text (clean, -1);

    append_paragraph (out, self->is_site_error ? "<p>The exit relay says: “" : "<p>", detail,
                      self->is_site_error ? "”</p>\n" : "</p>\n");
  }
  append_paragraph (out, "<p>", text->advice, reloads ? " This page does so by itself." : "");
  clove_buffer_append_text (out, "</p>\n");
  if (self->can_reload && is_passing (self->status))
    clove_buffer_append_text (out, "<p><a href=\"\">Load again</a></p>\n");
  clove_buffer_append_text (out, "<footer>");
  append_status (self, text, out);
  clove_buffer_append_text (out, "</footer>\n</main>\n</body>\n</html>\n");
}

/* For programs whose output is read in a terminal. */
static void
format_text (const CloveErrorPage *self, const Text *text, CloveBuffer *out)
{
  append_paragraph (out, "", text->title, ".\n\n");
  if (self->detail != NULL) {
    g_autofree char *detail = clean_detail (self);

    append_paragraph (out, self->is_site_error ? "The exit relay says: “" : "", detail,
                      self->is_site_error ? "”\n" : "\n");
  }
  append_paragraph (out, "", text->advice, "\n\n");
  append_status (self, text, out);
  clove_buffer_append_text (out, "\n");
}

static void
format_head (const CloveErrorPage *self, const Text *text, gsize body_size, CloveBuffer *out)
{
  clove_buffer_append_text (out, "HTTP/1.1 ");
  clove_buffer_append_number (out, self->status, 10);
  append_paragraph (out, " ", text->phrase, "\r\n");
  clove_buffer_append_text (
    out, self->is_text ? "Content-Type: text/plain" : "Content-Type: text/html");
  clove_buffer_append_text (
    out, "; charset=utf-8\r\nCache-Control: no-store\r\n"
         "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
         "X-Content-Type-Options: nosniff\r\nContent-Length: ");
  clove_buffer_append_number (out, body_size, 10);
  clove_buffer_append_text (out, "\r\n");
  if (self->status == 405)
    clove_buffer_append_text (out, "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n");
  if (self->status == 503) {
    clove_buffer_append_text (out, "Retry-After: ");
    clove_buffer_append_number (out, CLOVE_ERROR_PAGE_RETRY_S, 10);
    clove_buffer_append_text (out, "\r\n");
  }
  if (self->closes)
    clove_buffer_append_text (out, "Connection: close\r\n");
  else if (self->is_http10)
    clove_buffer_append_text (out, "Connection: keep-alive\r\n");
  clove_buffer_append_text (out, "\r\n");
}

/** clove_error_page_format: Write the whole reply: head and, unless left out, the page. */
void
clove_error_page_format (const CloveErrorPage *self, CloveBuffer *out)
{
  const Text *text = find_text (self);
  g_auto (CloveBuffer) body = { 0 };

  if (self->is_text)
    format_text (self, text, &body);
  else
    format_html (self, text, &body);
  format_head (self, text, clove_buffer_get_size (&body), out);
  if (!self->is_head_only)
    clove_buffer_append (out, clove_buffer_get_data (&body), clove_buffer_get_size (&body));
}
