package meshwork.api.chat;

/** A piece of a reply, in the order in which it was said. */
public sealed interface ReplyPart {

	/** What is for the reader. */
	record Text(String text) implements ReplyPart {
	}

	/** What the model thinks before it speaks. */
	record Reasoning(String text) implements ReplyPart {
	}

	/**
	 * A tool is called.
	 *
	 * @param call 0 for the first call of the reply, and so on
	 * @param id names the call; never empty
	 */
	record Call(int call, String id, String name) implements ReplyPart {
	}

	/** Some more of a call's arguments: all of them together are a JSON object, unless the model broke off. */
	record Arguments(int call, String json) implements ReplyPart {
	}
}
