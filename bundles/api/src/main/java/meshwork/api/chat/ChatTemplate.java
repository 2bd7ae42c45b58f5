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
}
