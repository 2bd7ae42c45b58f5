package meshwork.api.inference;

import java.util.List;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.ReplyRules;

/** What a model is given to continue. */
public sealed interface Prompt {

	/** Plain text; names of control tokens in it are text like any other. */
	record Text(String text) implements Prompt {
	}

	/** Tokens as they are. */
	record Tokens(int[] tokens) implements Prompt {
	}

	/**
	 * A conversation, put into the form that the model's chat template gives it.
	 *
	 * @param rules what the reply has to be like
	 */
	record Chat(Conversation conversation, ReplyRules rules) implements Prompt {

		public Chat(Conversation conversation) {
			this(conversation, ReplyRules.FREE);
		}
	}

	/**
	 * A gap in a text, for a model that was trained to fill in.
	 *
	 * @param begun what stands right before the gap, such as the beginning of its line: it belongs to the prefix, and is cut into tokens
	 *        by itself, so that the prefix stays what it was while somebody types
	 * @param context other texts, such as files of the same project; the first give way where the context has no room for all
	 */
	record Gap(String prefix, String suffix, String begun, List<Extra> context) implements Prompt {

		public Gap {
			context = List.copyOf(context);
		}

		/** Another text. */
		public record Extra(String name, String text) {
		}
	}
}
