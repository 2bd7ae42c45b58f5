package meshwork.api.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One message of a conversation.
 *
 * @param role {@code system}, {@code developer}, {@code user}, {@code assistant} or {@code tool}
 * @param content what was said, in parts; empty when only tools were called
 * @param name who said it
 * @param toolCalls tools that the assistant called
 * @param toolCallId the call that a tool answers
 * @param reasoning what the assistant thought before it spoke
 */
public record Message(String role, List<Part> content, Optional<String> name, List<ToolCall> toolCalls, Optional<String> toolCallId,
		Optional<String> reasoning) {

	public Message {
		content = List.copyOf(content);
		toolCalls = List.copyOf(toolCalls);
	}

	/** Plain text. */
	public Message(String role, String text) {
		this(role, List.of(new Part.Text(text)), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
	}

	/** The text of all parts together. */
	public String text() {
		var text = new StringBuilder();
		for (Part part : content)
			switch (part) {
				case Part.Text(var words) -> text.append(words);
			}
		return text.toString();
	}

	/** A part of a message. */
	public sealed interface Part {

		/** Words. */
		record Text(String text) implements Part {
		}
	}

	/**
	 * A call of a tool.
	 *
	 * @param arguments JSON values by name
	 */
	public record ToolCall(String id, String name, Map<String, Object> arguments) {
	}
}
