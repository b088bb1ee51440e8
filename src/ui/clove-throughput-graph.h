/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CloveThroughputGraph:
 *
 * What passed in each of the last two minutes' seconds: what was received as an area, what was sent
 * as a dashed line. It has no timer: it moves when it is told the time.
 */
#define CLOVE_TYPE_THROUGHPUT_GRAPH (clove_throughput_graph_get_type ())
G_DECLARE_FINAL_TYPE (CloveThroughputGraph,
                      clove_throughput_graph,
                      CLOVE,
                      THROUGHPUT_GRAPH,
                      GtkWidget)

void clove_throughput_graph_read (CloveThroughputGraph *self,
                                  gint64 now_us,
                                  guint64 n_received,
                                  guint64 n_sent);
gdouble clove_throughput_graph_get_received (CloveThroughputGraph *self);
gdouble clove_throughput_graph_get_sent (CloveThroughputGraph *self);
gdouble clove_throughput_graph_get_peak (CloveThroughputGraph *self);

G_END_DECLS
