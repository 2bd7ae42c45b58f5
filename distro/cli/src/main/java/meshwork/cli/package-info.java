/** The command line: starts a node in its own process, talks to one that runs. */
package meshwork.cli;
