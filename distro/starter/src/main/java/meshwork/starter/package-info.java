/** The model in the box, as a bundle. */
package meshwork.starter;
