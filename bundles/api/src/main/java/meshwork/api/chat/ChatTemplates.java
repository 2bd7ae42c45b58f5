package meshwork.api.chat;

import org.osgi.annotation.versioning.ProviderType;

/** Compiles the chat templates that models carry. */
@ProviderType
public interface ChatTemplates {

	/**
	 * Compiles a template, once per model.
	 *
	 * @param source the template, in Jinja; empty for ChatML
	 * @param begin what the model's begin token is called, empty if it has none
	 * @param end what its end token is called, empty if it has none
	 * @throws ChatRejected when the template has a construct that isn't known, which the message names
	 */
	ChatTemplate compile(String source, String begin, String end);
}
