package meshwork.api.chat;

import org.osgi.annotation.versioning.ProviderType;

/** A compiled chat template. Safe for use by many threads. */
@ProviderType
public interface ChatTemplate {

	/**
	 * Turns a conversation into a prompt.
	 *
	 * @param open end the prompt where the assistant's next message begins
	 * @return the prompt; control tokens stand in it by name
	 * @throws ChatRejected when the template refuses the conversation, in its words
	 */
	String render(Conversation conversation, boolean open);

	/**
	 * How the model replies to a conversation.
	 *
	 * @param prompt what {@link #render} made of it, which the reply continues: it may have begun the model's thoughts
	 * @throws ChatRejected when the rules can't be kept: tools have to be called, and the template knows none
	 */
	ReplyFormat reply(Conversation conversation, ReplyRules rules, String prompt);
}
