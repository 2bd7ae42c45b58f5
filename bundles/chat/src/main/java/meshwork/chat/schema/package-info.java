/** JSON Schema to grammar. */
package meshwork.chat.schema;
