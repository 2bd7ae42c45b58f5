/** Tests inside the running framework. */
package meshwork.itest;
