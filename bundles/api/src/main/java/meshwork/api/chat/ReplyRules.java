package meshwork.api.chat;

import java.util.Optional;

/**
 * What a reply has to be like.
 *
 * @param tools whether it calls tools, where the conversation has any
 * @param parallel whether it may call several
 * @param form the grammar (GBNF, with the rule {@code root}) of what it says where it calls none; empty for any text
 * @param plain leave what the model says as it is: thoughts and calls are part of the text
 */
public record ReplyRules(ToolChoice tools, boolean parallel, Optional<String> form, boolean plain) {

	/** As the model likes. */
	public static final ReplyRules FREE = new ReplyRules(ToolChoice.AUTO, true, Optional.empty(), false);

	/** The model's words as they are. */
	public static final ReplyRules PLAIN = new ReplyRules(ToolChoice.AUTO, true, Optional.empty(), true);
}
