package meshwork.api.chat;

import java.util.List;
import java.util.Map;

/**
 * What was said so far.
 *
 * @param messages in order
 * @param tools that the model may call
 * @param variables for the template, beyond those that every template gets; JSON values
 */
public record Conversation(List<Message> messages, List<Tool> tools, Map<String, Object> variables) {

	public Conversation {
		messages = List.copyOf(messages);
		tools = List.copyOf(tools);
		variables = Map.copyOf(variables);
	}

	/** A conversation without tools. */
	public Conversation(List<Message> messages) {
		this(messages, List.of(), Map.of());
	}

	/**
	 * A tool that the model may call.
	 *
	 * @param parameters its JSON Schema
	 */
	public record Tool(String name, String description, Map<String, Object> parameters) {
	}
}
