/** What Prometheus reads of a node. */
package meshwork.metrics;
