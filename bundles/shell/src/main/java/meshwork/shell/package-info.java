/** The node's shell: gogo commands, and the socket at which {@code meshwork shell} reaches them. */
package meshwork.shell;
