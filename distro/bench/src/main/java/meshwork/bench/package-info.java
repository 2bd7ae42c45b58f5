/** A load generator for any OpenAI-compatible server, and models of random weights to put behind one. Plain Java. */
package meshwork.bench;
