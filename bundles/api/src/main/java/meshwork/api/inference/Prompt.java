package meshwork.api.inference;

import meshwork.api.chat.Conversation;

/** What a model is given to continue. */
public sealed interface Prompt {

	/** Plain text; names of control tokens in it are text like any other. */
	record Text(String text) implements Prompt {
	}

	/** Tokens as they are. */
	record Tokens(int[] tokens) implements Prompt {
	}

	/** A conversation, put into the form that the model's chat template gives it. */
	record Chat(Conversation conversation) implements Prompt {
	}
}
