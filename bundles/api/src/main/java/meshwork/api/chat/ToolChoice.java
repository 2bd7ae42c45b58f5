package meshwork.api.chat;

import java.util.Set;

/**
 * Whether a reply calls tools.
 *
 * @param must it has to call one
 * @param only the names of those it may call; empty for any
 */
public record ToolChoice(boolean must, Set<String> only) {

	/** As the model likes. */
	public static final ToolChoice AUTO = new ToolChoice(false, Set.of());

	/** Any of them, but one at least. */
	public static final ToolChoice REQUIRED = new ToolChoice(true, Set.of());

	public ToolChoice {
		only = Set.copyOf(only);
	}

	/** This one, and no other. */
	public static ToolChoice of(String name) {
		return new ToolChoice(true, Set.of(name));
	}
}
