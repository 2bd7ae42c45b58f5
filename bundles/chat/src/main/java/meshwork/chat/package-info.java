/** Prompts from conversations, by the templates that models carry. */
package meshwork.chat;
