package meshwork.api.inference;

import meshwork.api.chat.Conversation;

import org.osgi.annotation.versioning.ProviderType;

/** Tells how the models that are served see texts. Safe for use by many threads. */
@ProviderType
public interface Texts {

	/**
	 * Cuts text into tokens.
	 *
	 * @param special read the names of control tokens as those tokens
	 * @param begin put in front what the model expects at the start
	 * @throws InferenceException.ModelUnknown when no such model is served
	 */
	int[] tokenize(String model, String text, boolean special, boolean begin);

	/**
	 * The bytes that a token stands for; a character may be spread over several tokens.
	 *
	 * @param special name control tokens rather than leaving them out
	 * @throws InferenceException.InvalidRequest when there is no such token
	 */
	byte[] bytes(String model, int token, boolean special);

	/**
	 * The prompt that the model's chat template makes of a conversation.
	 *
	 * @throws InferenceException.InvalidRequest when the template refuses it, in its words
	 */
	String render(String model, Conversation conversation);

	/** The chat template that the model carries, in Jinja; empty for ChatML. */
	String template(String model);

	/** What the token that begins a sequence is called; empty if the model has none. */
	String begin(String model);

	/** What the token that ends a turn or a text is called; empty if the model has none. */
	String end(String model);
}
