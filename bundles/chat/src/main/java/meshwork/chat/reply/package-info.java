/** How models speak: learned from what their templates show, read while they do, and written as grammars. */
package meshwork.chat.reply;
