/** Configuration from files, environment and command line, handed to Configuration Admin. */
package meshwork.config;
