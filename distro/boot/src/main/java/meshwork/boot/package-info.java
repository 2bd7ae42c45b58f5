/** Where {@code java -jar node.jar} begins. */
package meshwork.boot;
