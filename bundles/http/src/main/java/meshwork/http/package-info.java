/** The node's HTTP server: owns the listening socket, and hands requests to the handlers that others register. */
package meshwork.http;
