/** What SLF4J's users say, said to the OSGi log service. */
package meshwork.slf4j;
