/** Hosts models: loads them with the engines that are there, and decodes the requests for them together. */
package meshwork.runtime;
