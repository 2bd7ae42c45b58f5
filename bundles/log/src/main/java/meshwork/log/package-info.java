/** A sink for the log that is always there. */
package meshwork.log;
